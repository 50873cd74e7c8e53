// What the program can do: one function a command. Each returns the exit code: 0; 1 where it was done and
// found something wrong; 2 where it could not be done.
#pragma once

#include "platform/config/config.hpp"

#include <cstdint>
#include <string>

namespace nexus::app {

struct serve_options {
  bool sample_data = false; // fills an empty catalogue
};
int serve(const config& c, const serve_options& o);
int work(const config& c);
int migrate(const config& c);

struct superuser_options {
  std::string email;
  bool password_from_stdin = false;
};
int create_superuser(const config& c, const superuser_options& o);

struct import_options {
  std::string file;
  std::string currency = "ETB";
  bool strict = false;
};
int import_products(const config& c, const import_options& o);

int audit(const config& c);
int print_openapi(const config& c);

struct simulator_options {
  std::string listen = "127.0.0.1:8001";
  std::string webhook_url;
  std::string journal;
  bool documented_errors = false;
  std::vector<std::string> faults;
  std::uint64_t seed = 0;
};
int simulate_chapa(const config& c, const simulator_options& o);

// Parses the arguments, loads the configuration, runs the command.
int run(int argc, char** argv);

} // namespace nexus::app
