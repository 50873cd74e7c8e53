// The hosted page and what it says at the end: HTML that works without JavaScript and on a phone. No state.
#pragma once

#include "simulator/transactions.hpp"

#include <string>
#include <string_view>

namespace nexus::chapa::pages {

// message: what became of the last attempt; empty at first. mobile: as the payer wrote it.
std::string checkout(const transaction& t, int attempts_left, std::string_view message,
                     std::string_view mobile);

// An end without a form; with a way back to the shop where it has given one.
std::string ended(std::string_view title, std::string_view text, const transaction& t);

std::string not_found();

// main: HTML. For tables.
std::string wide(std::string_view title, std::string_view main);

} // namespace nexus::chapa::pages
