#include "platform/metrics/metrics.hpp"

#include <prometheus/check_names.h>
#include <prometheus/family.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <mutex>
#include <sstream>
#include <stdexcept>

namespace nexus::metrics {

namespace {

enum class kind { counter, gauge, histogram, watched };

struct watched_series {
  labels with;
  std::function<double()> read;
};
struct watched_family {
  std::string help;
  std::vector<watched_series> series;
};

prometheus::MetricFamily collect(const std::string& name, const watched_family& from) {
  prometheus::MetricFamily family{name, from.help, prometheus::MetricType::Gauge, {}};
  for (const auto& series : from.series) {
    prometheus::ClientMetric metric;
    try {
      metric.gauge.value = series.read();
    } catch (const std::exception&) {
      continue; // one value that cannot be had now must not cost the whole scrape
    }
    for (const auto& [label, value] : series.with)
      metric.label.push_back({label, value});
    family.metric.push_back(std::move(metric));
  }
  return family;
}

} // namespace

struct registry::state {
  prometheus::Registry prometheus;
  mutable std::mutex mutex; // guards the rest
  std::map<std::string, kind> kinds;
  std::map<std::string, watched_family> watched;

  // prometheus-cpp itself only asserts these.
  void claim(const std::string& name, const labels& with, kind as) {
    if (!prometheus::CheckMetricName(name))
      throw std::invalid_argument("not a metric's name: " + name);
    for (const auto& [label, value] : with)
      if (!prometheus::CheckLabelName(label) || label == "le")
        throw std::invalid_argument("not a label of " + name + ": " + label);
    const std::lock_guard lock(mutex);
    if (kinds.try_emplace(name, as).first->second != as)
      throw std::invalid_argument("the metric is of another kind already: " + name);
  }
};

const std::vector<double>& seconds_buckets() {
  static const std::vector<double> bounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                          0.1,    0.25,  0.5,    1,     2.5,  5,     10};
  return bounds;
}

registry::registry() : state_(std::make_unique<state>()) {}
registry::~registry() = default;

counter registry::make_counter(const std::string& name, const std::string& help, const labels& with) {
  state_->claim(name, with, kind::counter);
  return counter(prometheus::BuildCounter().Name(name).Help(help).Register(state_->prometheus).Add(with));
}

gauge registry::make_gauge(const std::string& name, const std::string& help, const labels& with) {
  state_->claim(name, with, kind::gauge);
  return gauge(prometheus::BuildGauge().Name(name).Help(help).Register(state_->prometheus).Add(with));
}

histogram registry::make_histogram(const std::string& name, const std::string& help, const labels& with,
                                   const std::vector<double>& bounds) {
  if (std::adjacent_find(bounds.begin(), bounds.end(), std::greater_equal<>{}) != bounds.end())
    throw std::invalid_argument("bounds that do not ascend: " + name);
  state_->claim(name, with, kind::histogram);
  return histogram(
      prometheus::BuildHistogram().Name(name).Help(help).Register(state_->prometheus).Add(with, bounds));
}

void registry::watch(const std::string& name, const std::string& help, const labels& with,
                     std::function<double()> read) {
  state_->claim(name, with, kind::watched);
  const std::lock_guard lock(state_->mutex);
  auto& family = state_->watched.try_emplace(name, watched_family{help, {}}).first->second;
  const auto same = [&](const watched_series& other) { return other.with == with; };
  if (std::any_of(family.series.begin(), family.series.end(), same))
    throw std::invalid_argument("watched twice: " + name);
  family.series.push_back({with, std::move(read)});
}

std::string registry::render() const {
  auto families = state_->prometheus.Collect();
  std::map<std::string, watched_family> watched; // copied: what is read may make metrics of its own
  {
    const std::lock_guard lock(state_->mutex);
    watched = state_->watched;
  }
  for (const auto& [name, family] : watched)
    families.push_back(collect(name, family));
  std::ostringstream out;
  prometheus::TextSerializer{}.Serialize(out, families);
  return std::move(out).str();
}

} // namespace nexus::metrics
