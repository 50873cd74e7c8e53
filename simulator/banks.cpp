#include "simulator/banks.hpp"

#include <boost/json/object.hpp>

#include <algorithm>
#include <array>

namespace nexus::chapa {

namespace {

namespace json = boost::json;

constexpr std::array<bank, 6> known{{{656, "AWINETAA", "Awash Bank", 14, false},
                                     {347, "ABYSETAA", "Bank of Abyssinia", 8, false},
                                     {946, "CBETETAA", "Commercial Bank of Ethiopia (CBE)", 13, false},
                                     {128, "CBETETAA", "CBEBirr", 10, true},
                                     {266, "MPESA", "M-Pesa", 10, true},
                                     {855, "TELEBIRR", "telebirr", 10, true}}};

} // namespace

const bank* find_bank(std::int64_t id) {
  const auto found = std::ranges::find(known, id, &bank::id);
  return found == known.end() ? nullptr : &*found;
}

json::array banks() {
  json::array out;
  for (const bank& b : known)
    out.push_back(json::object{{"id", b.id},
                               {"swift", b.swift},
                               {"name", b.name},
                               {"acct_length", b.account_digits},
                               {"country_id", 1},
                               {"is_mobilemoney", b.mobile_money ? json::value(1) : json::value()},
                               {"is_active", 1},
                               {"is_rtgs", b.mobile_money ? json::value() : json::value(1)},
                               {"active", 1},
                               {"is_24hrs", b.mobile_money ? json::value(1) : json::value()},
                               {"created_at", "2022-03-17T04:21:30.000000Z"},
                               {"updated_at", "2024-08-03T08:10:24.000000Z"},
                               {"currency", "ETB"}});
  return out;
}

} // namespace nexus::chapa
