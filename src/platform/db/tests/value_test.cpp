#include "fixture.hpp"

#include <limits>
#include <random>

namespace nexus::db::testing {

using namespace std::chrono;
using std::optional;
using std::string;
using std::vector;

string only(const params& p) { return p.items()[0].value(); }

TEST(params, are_text) {
  const auto id = *parse_uuid("0190c0de-1234-7abc-8def-0123456789ab");
  const time_point at = sys_days{2026y / November / 22} + 15h + 57min + 123456us;
  const auto p = params::of(true, false, -7, std::uint64_t{18446744073709551615ULL}, "x", string("é"), id, at,
                            optional<int>(3), optional<int>(), std::nullopt);
  const vector<optional<string>> expected{"t",
                                          "f",
                                          "-7",
                                          "18446744073709551615",
                                          "x",
                                          "é",
                                          "0190c0de-1234-7abc-8def-0123456789ab",
                                          "2026-11-22T15:57:00.123456Z",
                                          "3",
                                          std::nullopt,
                                          std::nullopt};
  EXPECT_EQ((vector<optional<string>>(p.items().begin(), p.items().end())), expected);
}

TEST(params, arrays_are_quoted) {
  EXPECT_EQ(only(params::of(vector<int>{})), "{}");
  EXPECT_EQ(only(params::of(vector<std::int64_t>{1, -2})), "{1,-2}");
  EXPECT_EQ(only(params::of(vector<bool>{true, false})), "{t,f}");
  EXPECT_EQ(only(params::of(vector<string>{"", "a,b", "\"", "\\", "NULL", "{}"})),
            R"({"","a,b","\"","\\","NULL","{}"})");
  EXPECT_EQ(only(params::of(vector<optional<string>>{"a", std::nullopt})), R"({"a",NULL})");
}

TEST(params, refuse_nul) {
  EXPECT_THROW(params::of(string("a\0b", 3)), std::invalid_argument);
  EXPECT_THROW(params::of(vector<string>{string("\0", 1)}), std::invalid_argument);
}

class value : public database_test {};

const statement scalars{"test.scalars",
                        "SELECT $1::bool, $2::int2, $3::int4, $4::int8, $5::text, $6::varchar, "
                        "$7::uuid, $8::timestamptz, 1.5::float8, 0.25::float4, $9::jsonb"};

TEST_F(value, scalars_come_back) {
  with_database([](database& db) -> awaitable<> {
    const auto id = new_uuid(system_clock().now());
    const time_point at = sys_days{1969y / July / 20} + 20h + 17min + 40s + 1us;
    const rows r = co_await db.use().query(scalars, true, -32768, std::numeric_limits<int>::min(),
                                           std::numeric_limits<std::int64_t>::max(), "ünï\tcode", "", id, at,
                                           R"({"a": [1]})");
    EXPECT_EQ(r.size(), 1);
    using all = std::tuple<bool, int, int, std::int64_t, string, std::string_view, uuid, time_point, double,
                           double, string>;
    const all got = r.front()
                        .as<bool, int, int, std::int64_t, string, std::string_view, uuid, time_point, double,
                            double, string>();
    const all expected(true, -32768, std::numeric_limits<int>::min(),
                       std::numeric_limits<std::int64_t>::max(), "ünï\tcode", "", id, at, 1.5, 0.25,
                       R"({"a": [1]})");
    EXPECT_EQ(got, expected);
  });
}

TEST_F(value, null_is_only_for_optionals) {
  with_database([](database& db) -> awaitable<> {
    const rows r = co_await db.use().query(scalars, std::nullopt, 1, 2, 3, optional<string>(), "x",
                                           optional<uuid>(), optional<time_point>(), optional<string>());
    const row only = r.front();
    EXPECT_TRUE(only.is_null(0));
    EXPECT_EQ(only.get<optional<bool>>(0), std::nullopt);
    EXPECT_EQ(only.get<optional<int>>(1), 1);
    EXPECT_EQ(only.get<optional<uuid>>(6), std::nullopt);
    EXPECT_EQ(only.get<optional<time_point>>(7), std::nullopt);
    EXPECT_THROW((void)only.get<bool>(0), std::logic_error);
    EXPECT_THROW((void)only.get<string>(4), std::logic_error);
  });
}

TEST_F(value, other_types_are_refused) {
  with_database([](database& db) -> awaitable<> {
    static const statement mixed{"test.mixed",
                                 "SELECT 1::int4, 'x'::text, 2147483648::int8, 'infinity'::timestamptz, "
                                 "'-infinity'::timestamptz, 1.5::numeric, '\\x00'::bytea, "
                                 "ARRAY[[1,2],[3,4]], ARRAY[1,NULL], ARRAY['a',NULL]"};
    const rows r = co_await db.use().query(mixed);
    const row only = r.front();
    EXPECT_THROW((void)only.get<string>(0), std::logic_error);
    EXPECT_THROW((void)only.get<bool>(0), std::logic_error);
    EXPECT_THROW((void)only.get<double>(0), std::logic_error);
    EXPECT_THROW((void)only.get<vector<int>>(0), std::logic_error);
    EXPECT_THROW((void)only.get<int>(1), std::logic_error);
    EXPECT_THROW((void)only.get<uuid>(1), std::logic_error);
    EXPECT_THROW((void)only.get<time_point>(1), std::logic_error);
    EXPECT_THROW((void)only.get<vector<string>>(1), std::logic_error);
    EXPECT_THROW((void)only.get<int>(2), std::logic_error) << "2^31 does not fit";
    EXPECT_EQ(only.get<std::int64_t>(2), 2147483648);
    EXPECT_THROW((void)only.get<time_point>(3), std::logic_error);
    EXPECT_THROW((void)only.get<time_point>(4), std::logic_error);
    EXPECT_THROW((void)only.get<string>(5), std::logic_error);
    EXPECT_THROW((void)only.get<string>(6), std::logic_error);
    EXPECT_THROW((void)only.get<vector<int>>(7), std::logic_error);
    EXPECT_THROW((void)only.get<vector<int>>(8), std::logic_error);
    EXPECT_THROW((void)only.get<vector<string>>(9), std::logic_error);
    EXPECT_THROW((void)only.get<int>(10), std::logic_error);
    EXPECT_THROW((void)only.is_null(-1), std::logic_error);
    EXPECT_THROW(((void)only.as<int, string>()), std::logic_error);
    EXPECT_THROW((void)r[1].get<int>(0), std::logic_error);
  });
}

const statement arrays{"test.arrays", "SELECT $1::text[], $2::int4[], $3::int8[], $4::varchar[], $5::int2[]"};

TEST_F(value, arrays_come_back) {
  with_database([](database& db) -> awaitable<> {
    const vector<string> texts{"",     " ",  "a,b",     "\"",         "\\", "\\\"",
                               "NULL", "{}", "{\"x\"}", "line\nfeed", "ünï"};
    const vector<std::int64_t> large{std::numeric_limits<std::int64_t>::min(), 0};
    const rows r =
        co_await db.use().query(arrays, texts, vector<int>{1, -1}, large, vector<string>{}, vector<int>{7});
    const row only = r.front();
    EXPECT_EQ(only.get<vector<string>>(0), texts);
    EXPECT_EQ(only.get<vector<int>>(1), (vector<int>{1, -1}));
    EXPECT_EQ(only.get<vector<std::int64_t>>(1), (vector<std::int64_t>{1, -1}));
    EXPECT_EQ(only.get<vector<std::int64_t>>(2), large);
    EXPECT_THROW((void)only.get<vector<int>>(2), std::logic_error);
    EXPECT_TRUE(only.get<vector<string>>(3).empty());
    EXPECT_EQ(only.get<vector<int>>(4), vector<int>{7});
  });
}

TEST_F(value, any_text_survives_an_array) {
  with_database([](database& db) -> awaitable<> {
    std::mt19937 dice(42);
    constexpr std::string_view symbols = "ab\"\\{},' \t\nN";
    for (int round = 0; round < 50; ++round) {
      vector<string> texts(dice() % 20);
      for (auto& t : texts)
        for (auto left = dice() % 12; left > 0; --left)
          t += symbols[dice() % symbols.size()];
      const rows r = co_await db.use().query(arrays, texts, vector<int>{}, vector<int>{}, vector<string>{},
                                             vector<int>{});
      EXPECT_EQ(r.front().get<vector<string>>(0), texts);
    }
  });
}

TEST_F(value, arrays_may_have_nulls_and_other_elements) {
  with_database([](database& db) -> awaitable<> {
    static const statement joined{
        "test.joined",
        "SELECT array_to_string($1::text[], '|', '-'), array_to_string($2::uuid[], '|'), "
        "$3::timestamptz[] = ARRAY['2000-01-01T00:00:00Z'::timestamptz], $4::bool[] = ARRAY[true,false]"};
    const auto id = new_uuid(system_clock().now());
    const time_point y2k = sys_days{2000y / January / 1};
    const rows r =
        co_await db.use().query(joined, vector<optional<string>>{"a", std::nullopt, "-\\"},
                                vector<uuid>{id, id}, vector<time_point>{y2k}, vector<bool>{true, false});
    const auto [texts, ids, times, flags] = r.front().as<string, string, bool, bool>();
    EXPECT_EQ(texts, "a|-|-\\");
    EXPECT_EQ(ids, to_string(id) + "|" + to_string(id));
    EXPECT_TRUE(times);
    EXPECT_TRUE(flags);
  });
}

TEST_F(value, types_of_the_schema_are_text) {
  with_database([](database& db) -> awaitable<> {
    co_await db.run_script("CREATE TYPE mood AS ENUM ('glad', 'sad'); CREATE DOMAIN short AS text");
    static const statement moods{"test.moods",
                                 "SELECT 'sad'::mood, ARRAY['glad', 'sad']::mood[], 'x'::short"};
    const rows r = co_await db.use().query(moods);
    const auto [one, both, domain] = r.front().as<string, vector<string>, string>();
    EXPECT_EQ(one, "sad");
    EXPECT_EQ(both, (vector<string>{"glad", "sad"}));
    EXPECT_EQ(domain, "x");
    co_await db.run_script("DROP TYPE mood; DROP DOMAIN short");
  });
}

TEST_F(value, affected_rows_are_counted) {
  with_database([](database& db) -> awaitable<> {
    co_await db.run_script("CREATE TABLE counted (id int)");
    static const statement insert{"test.insert_counted",
                                  "INSERT INTO counted SELECT generate_series(1, $1::int)"};
    static const statement update{"test.update_counted", "UPDATE counted SET id = id WHERE id > $1"};
    static const statement select{"test.select_counted", "SELECT id FROM counted ORDER BY id"};
    EXPECT_EQ((co_await db.use().query(insert, 3)).affected(), 3);
    EXPECT_EQ((co_await db.use().query(update, 1)).affected(), 2);
    EXPECT_EQ((co_await db.use().query(update, 9)).affected(), 0);
    vector<int> seen;
    for (const auto r : co_await db.use().query(select))
      seen.push_back(r.get<int>(0));
    EXPECT_EQ(seen, (vector<int>{1, 2, 3}));
    EXPECT_EQ(rows().affected(), 0);
    EXPECT_TRUE(rows().empty());
    co_await db.run_script("DROP TABLE counted");
  });
}

} // namespace nexus::db::testing
