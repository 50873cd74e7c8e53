// What PostgreSQL can answer, by what the caller can do about it. All are exceptions: a use case that expects
// one (a unique name taken) declares the constraint with its endpoint instead of catching.
#pragma once

#include <stdexcept>
#include <string>

namespace nexus::db {

// The server said no. sqlstate() is its five characters; what() never reaches a client.
class error : public std::runtime_error {
public:
  error(std::string sqlstate, std::string message, std::string constraint, std::string statement);
  [[nodiscard]] const std::string& sqlstate() const { return sqlstate_; }
  [[nodiscard]] const std::string& constraint() const { return constraint_; } // empty where none is at fault
  [[nodiscard]] const std::string& statement() const { return statement_; }   // its name
  // 40001 and 40P01: the whole transaction may be run again.
  [[nodiscard]] bool retryable() const { return sqlstate_ == "40001" || sqlstate_ == "40P01"; }
  // Class 23: a constraint was violated.
  [[nodiscard]] bool integrity() const { return sqlstate_.starts_with("23"); }
  // 55P03: a lock could not be had within lock_timeout. 57014: statement_timeout.
  [[nodiscard]] bool lock_timeout() const { return sqlstate_ == "55P03"; }

private:
  std::string sqlstate_, constraint_, statement_;
};

// No connection could be had, or it was lost before anything was to be committed: nothing has happened.
class unavailable : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

// The connection was lost while a COMMIT was under way: it may have happened. Never retried blindly.
class in_doubt : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

} // namespace nexus::db
