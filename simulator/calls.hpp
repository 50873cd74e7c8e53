// The calls of /v1 that stand in api.cpp's table and are answered elsewhere.
#pragma once

#include "simulator/routes.hpp"

namespace nexus::chapa {

using segments = std::vector<std::string>;

http::response refuse(int status, boost::json::value message);

http::response queue_transfer(service& s, const http::request& r, const segments& path);
http::response queue_transfers(service& s, const http::request& r, const segments& path);
http::response verify_transfer(service& s, const http::request& r, const segments& path);
http::response list_transfers(service& s, const http::request& r, const segments& path);
http::response create_subaccount(service& s, const http::request& r, const segments& path);
http::response charge_directly(service& s, const http::request& r, const segments& path);
http::response authorize_charge(service& s, const http::request& r, const segments& path);

} // namespace nexus::chapa
