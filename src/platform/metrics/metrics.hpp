// Prometheus metrics. A registry makes each series once, with its labels, at the start; what it hands out
// points at the series itself, so that observing is an atomic addition (for a histogram a short mutex) and no
// look-up.
//
//   metrics::counter placed = registry.make_counter("nexus_orders_total", "Orders by outcome", {{"outcome",
//   "placed"}}); placed.increment();
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace nexus::metrics {

using labels = std::map<std::string, std::string>;

// Handles: cheap to copy, thread-safe, valid as long as their registry. One made by default counts nothing,
// so that code can be used without a registry.
class counter {
public:
  counter() = default;
  void increment(double by = 1) { // by ≥ 0
    if (series_ != nullptr)
      series_->Increment(by);
  }

private:
  friend class registry;
  explicit counter(prometheus::Counter& series) : series_(&series) {}
  prometheus::Counter* series_ = nullptr;
};

class gauge {
public:
  gauge() = default;
  void set(double value) {
    if (series_ != nullptr)
      series_->Set(value);
  }
  void add(double by) { // may be negative
    if (series_ != nullptr)
      series_->Increment(by);
  }

private:
  friend class registry;
  explicit gauge(prometheus::Gauge& series) : series_(&series) {}
  prometheus::Gauge* series_ = nullptr;
};

class histogram {
public:
  histogram() = default;
  void observe(double value) {
    if (series_ != nullptr)
      series_->Observe(value);
  }

private:
  friend class registry;
  explicit histogram(prometheus::Histogram& series) : series_(&series) {}
  prometheus::Histogram* series_ = nullptr;
};

// Upper bounds in seconds for times of requests and queries: 0.5 ms to 10 s.
const std::vector<double>& seconds_buckets();

// Thread-safe. The same name and labels give the same series. Throws std::invalid_argument where a name or
// label is not one that Prometheus takes, or the name is in use for another kind.
class registry {
public:
  registry();
  ~registry();
  registry(const registry&) = delete;
  registry& operator=(const registry&) = delete;

  counter make_counter(const std::string& name, const std::string& help, const labels& with = {});
  gauge make_gauge(const std::string& name, const std::string& help, const labels& with = {});
  // bounds: ascending upper bounds of the buckets; +Inf is added.
  histogram make_histogram(const std::string& name, const std::string& help, const labels& with = {},
                           const std::vector<double>& bounds = seconds_buckets());

  // A gauge whose value is read at each scrape, by whichever thread renders. read must be thread-safe, quick,
  // and stay valid as long as the registry; where it throws, that one scrape leaves the series out.
  void watch(const std::string& name, const std::string& help, const labels& with,
             std::function<double()> read);
  void watch(const std::string& name, const std::string& help, std::function<double()> read) {
    watch(name, help, {}, std::move(read));
  }

  // Everything in Prometheus's text exposition format 0.0.4: "text/plain; version=0.0.4; charset=utf-8".
  [[nodiscard]] std::string render() const;

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace nexus::metrics
