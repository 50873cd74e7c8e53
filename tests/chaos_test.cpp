// Eight clients go on shopping while servers, the worker and PostgreSQL are killed at random, over two nodes
// on one database. NEXUS_CHAOS_SECONDS (15) and NEXUS_CHAOS_SEED (of the clock) say how long and which;
// script/chaos runs it by hand.
#include "chaos_proofs.hpp"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <sstream>

namespace nexus::blackbox {
namespace {

using namespace std::chrono_literals;
using namespace chaos;

constexpr int clients = 8, things = 8, pieces = 60;

std::uint64_t number_in(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

// house: a node that owns the embedded PostgreSQL. front: one beside it. worker: the tasks of both. Whoever
// is killed is started again; PostgreSQL is started again by the house.
class estate {
public:
  explicit estate(fake_chapa& chapa) : house_(variables(chapa)) {
    house_.start();
    environment others = variables(chapa);
    others["DATABASE_URL"] = house_.database_url();
    front_ = std::make_unique<shop>(others);
    others.erase("NEXUS_WORKER");
    others["NEXUS_LOG_LEVEL"] = "info"; // it says there that it is ready
    worker_ = std::make_unique<shop>(others);
    raise(*front_);
    raise_worker();
  }

  shop& house() { return house_; }
  shop& front() { return *front_; }

  void kill_house() { // and PostgreSQL with it
    house_.kill_hard();
    raise(house_);
  }
  void kill_front() {
    front_->kill_hard();
    raise(*front_);
  }
  void kill_worker() {
    worker_->kill_hard();
    raise_worker();
  }
  void kill_postgres() { ::kill(house_.postmaster(), SIGKILL); }
  // One of PostgreSQL's own processes: the others are told to end, and it recovers by itself.
  void kill_backend(std::uint64_t which) {
    const int main = house_.postmaster();
    std::istringstream in(read_file(fmt::format("/proc/{0}/task/{0}/children", main)));
    std::vector<int> all;
    for (int pid = 0; in >> pid;)
      all.push_back(pid);
    if (!all.empty())
      ::kill(all[which % all.size()], SIGKILL);
  }
  // The worker may end only where the database was away as it started.
  void keep_worker() {
    if (!worker_->wait_for_end(0ms))
      return;
    EXPECT_EQ(times_worker_was_ready(), ready_before_) << worker_->log();
    raise_worker();
  }
  void expect_all_end_well() {
    for (shop* one : {worker_.get(), front_.get(), &house_}) {
      one->tell_to_stop();
      EXPECT_EQ(one->wait_for_end(), 0) << one->log();
    }
  }
  bool is_ready() {
    try {
      return house_.guest().get("/readyz").status == 200 && front_->guest().get("/readyz").status == 200;
    } catch (const connection_lost&) {
      return false;
    }
  }

private:
  static environment variables(fake_chapa& chapa) {
    return {{"CHAPA_BASE_URL", chapa.base_url()},
            {"CHAPA_SECRET_KEY", "CHASECK_TEST-blackbox"},
            {"CHAPA_WEBHOOK_SECRET", "hook"},
            {"NEXUS_LOG_LEVEL", "error"},
            {"NEXUS_WORKER", "off"},
            {"ORDER_EXPIRES_AFTER", "10s"}};
  }

  // As who watches over services does: a server does not start while the database is away, nor while its own,
  // killed a moment ago, takes too long to end.
  static void raise(shop& one) {
    std::string said;
    EXPECT_TRUE(eventually(
        [&] {
          try {
            one.start();
            return true;
          } catch (const std::runtime_error& failure) {
            said = failure.what();
            return false;
          }
        },
        3min))
        << said;
  }
  void raise_worker() {
    ready_before_ = times_worker_was_ready();
    worker_->begin({"worker"});
  }
  int times_worker_was_ready() const {
    const std::string log = worker_->log();
    int times = 0;
    for (auto at = log.find("worker ready"); at != std::string::npos; at = log.find("worker ready", at + 1))
      ++times;
    return times;
  }

  shop house_;
  std::unique_ptr<shop> front_, worker_;
  int ready_before_ = 0; // how often the worker had been ready before this start
};

struct blow {
  const char* what;
  int weight;
  std::function<void(estate&, std::uint64_t)> strike;
};

const std::vector<blow>& blows() {
  static const std::vector<blow> all{
      {"server", 3, [](estate& e, std::uint64_t) { e.kill_front(); }},
      {"worker", 2, [](estate& e, std::uint64_t) { e.kill_worker(); }},
      {"postgres", 3, [](estate& e, std::uint64_t) { e.kill_postgres(); }},
      {"a process of postgres", 2, [](estate& e, std::uint64_t n) { e.kill_backend(n); }},
      {"server and postgres", 1, [](estate& e, std::uint64_t) { e.kill_house(); }},
  };
  return all;
}

// Strikes at random moments until the time is up; how often each. On the thread that started the processes,
// since Linux ends a child with the thread that made it.
std::map<std::string, int> strike(estate& e, battlefield& field, std::chrono::seconds how_long,
                                  std::mt19937_64& random) {
  std::map<std::string, int> struck;
  std::vector<double> weights;
  for (const blow& b : blows())
    weights.push_back(b.weight);
  std::discrete_distribution<std::size_t> choose(weights.begin(), weights.end());
  const auto until = std::chrono::steady_clock::now() + how_long;
  while (std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds(200 + random() % 4'000));
    const blow& b = blows()[choose(random)];
    try {
      b.strike(e, random());
      ++struck[b.what];
    } catch (const std::runtime_error& failure) { // postmaster.pid is not there: it has been struck already
      EXPECT_NE(std::string_view(failure.what()).find("does not run"), std::string_view::npos)
          << failure.what();
    }
    e.keep_worker();
    field.ports[0] = e.house().port();
    field.ports[1] = e.front().port();
  }
  return struck;
}

TEST(chaos, takes_nothing_that_was_answered_and_sells_nothing_twice) {
  const std::uint64_t seed =
      number_in("NEXUS_CHAOS_SEED", static_cast<std::uint64_t>(now().time_since_epoch().count()));
  const std::chrono::seconds how_long(number_in("NEXUS_CHAOS_SECONDS", 15));
  fmt::print("NEXUS_CHAOS_SEED={} NEXUS_CHAOS_SECONDS={}\n", seed, how_long.count());
  std::fflush(stdout);
  std::mt19937_64 random(seed);

  fake_chapa chapa;
  estate e(chapa);
  battlefield field;
  field.chapa = &chapa;
  field.ports[0] = e.house().port();
  field.ports[1] = e.front().port();
  client staff = e.house().staff();
  field.staff_token = staff.token();
  for (int i = 0; i < things; ++i)
    field.variants.push_back(make_variant(staff, pieces));

  std::vector<memory> memories(clients);
  std::vector<std::thread> threads;
  for (memory& m : memories)
    threads.emplace_back([&field, &m, own = random()] { m = shop_until_the_end(field, own); });
  const auto struck = strike(e, field, how_long, random);
  EXPECT_TRUE(eventually([&] { return e.is_ready(); }, 90s)) << e.house().log() << e.front().log();
  field.is_over = true;
  for (std::thread& t : threads)
    t.join();

  const verdict v = prove(e.house(), field, memories, pieces);
  int lost = 0, unavailable = 0;
  std::size_t movements = 0;
  for (const memory& m : memories) {
    lost += m.lost;
    unavailable += m.unavailable;
    movements += m.movements.size();
  }
  std::string kills;
  for (const auto& [what, times] : struck)
    kills += fmt::format("{}{} {}×", kills.empty() ? "" : ", ", what, times);
  fmt::print("killed: {}\n{} orders answered 201 ({} of them sold), {} refused, {} movements; {} requests "
             "lost, {} answered "
             "503; {} orders never answered, of which {} had been placed\n",
             kills, v.placed, v.sold, v.refused, movements, lost, unavailable, v.doubtful, v.found);
  EXPECT_GT(v.placed, 0u);
  EXPECT_FALSE(struck.empty());
  e.house().expect_audit_clean();
  e.expect_all_end_well();
}

} // namespace
} // namespace nexus::blackbox
