#include "catalogue/import/import.hpp"

#include "platform/async/one_shot.hpp"
#include "platform/async/run.hpp"
#include "scratch_database/scratch_database.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace nexus::catalogue {
namespace {

std::string read_text(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file).rdbuf();
  return text.str();
}

// All that an import may write, in words; without ids, which are nobody's business.
const db::statement everything{"test.everything", R"(
  SELECT coalesce(string_agg(line, E'\n' ORDER BY line COLLATE "C"), '') FROM (
    SELECT format('product %s|%s|%s|%s|%s|%s-%s|%s|%s|%s', p.slug, p.name, p.description, b.name, p.base_price,
                  p.price_min, p.price_max, p.currency, p.status, p.updated_at) AS line
    FROM product p LEFT JOIN brand b ON b.id = p.brand_id
    UNION ALL SELECT format('category %s|%s|%s', c.slug, c.name, u.slug)
    FROM category c LEFT JOIN category u ON u.id = c.parent_id
    UNION ALL SELECT format('in %s %s', p.slug, c.slug)
    FROM product_category pc JOIN product p ON p.id = pc.product_id JOIN category c ON c.id = pc.category_id
    UNION ALL SELECT format('image %s %s|%s|%s', p.slug, i.position, i.url, i.alt_text)
    FROM product_image i JOIN product p ON p.id = i.product_id
    UNION ALL SELECT format('variant %s %s|%s|%s|%s|%s|%s|%s', p.slug, v.position, v.sku, v.name, v.price,
                            v.compare_at_price, v.image_url, v.archived_at IS NOT NULL)
    FROM variant v JOIN product p ON p.id = v.product_id
    UNION ALL SELECT format('value %s %s=%s', v.sku, a.name, x.value)
    FROM variant_attribute_value av JOIN variant v ON v.id = av.variant_id JOIN attribute a ON a.id = av.attribute_id
    JOIN attribute_value x ON x.id = av.attribute_value_id
    UNION ALL SELECT format('stock %s %s/%s', v.sku, s.on_hand, s.reserved)
    FROM stock s JOIN variant v ON v.id = s.variant_id
    UNION ALL SELECT format('moved %s %s|%s|%s', v.sku, m.id, m.on_hand_change, m.reason)
    FROM stock_movement m JOIN variant v ON v.id = m.variant_id
  ) lines)"};

const time_point first_day = *parse_rfc3339("2026-01-02T03:04:05Z");
const time_point next_day = first_day + std::chrono::days(1);

class import_test : public scratch_database {
protected:
  static awaitable<import_report> run(db::database& db, std::string text, time_point now = first_day,
                                      bool strict = false) {
    std::istringstream file(std::move(text));
    co_return co_await import_products(db.use(), file, {.strict = strict}, now);
  }

  static awaitable<std::string> read(db::database& db) {
    const db::rows found = co_await db.use().query(everything);
    co_return found.front().get<std::string>(0);
  }
};

// Lines of the whole that begin so.
std::vector<std::string> lines(const std::string& whole, std::string_view prefix) {
  std::vector<std::string> out;
  std::istringstream in(whole);
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(prefix))
      out.push_back(line.substr(prefix.size()));
  return out;
}

std::string at(const std::vector<import_fault>& faults, std::size_t i) {
  return i < faults.size() ? fmt::format("{} {}: {}", faults[i].line, faults[i].column, faults[i].reason)
                           : "";
}

using words = std::vector<std::string>;

constexpr std::string_view header =
    "slug,name,description,brand,category,status,sku,price,compare_at_price,stock,option1_name,option1_value,"
    "option2_name,option2_value,image_url\n";

std::string with(std::string_view rows) { return std::string(header) + std::string(rows); }

TEST_F(import_test, writes_products_as_the_file_has_them) {
  with_database([](db::database& db) -> awaitable<> {
    const auto report = co_await run(db, with("netela,Netela,Soft,Shemma House,Clothing > "
                                              "Shawls,,NET-W,1450,,3,Color,White,Size,M,https://a.b/1.jpg\n"
                                              "netela,,,,,,NET-G,1550,1700,0,,Green,,M,https://a.b/2.jpg\n"
                                              "coffee,Coffee,,,Food > Shawls,draft,,900,,,,,,,\n"));
    EXPECT_EQ(report.faults, std::vector<import_fault>{});
    EXPECT_TRUE(report.imported);
    EXPECT_EQ(report.products_created, 2);
    EXPECT_EQ(report.variants_created, 3);
    EXPECT_EQ(report.brands_created, 1);
    EXPECT_EQ(report.categories_created, 4);
    const std::string all = co_await read(db);
    EXPECT_EQ(
        lines(all, "product "),
        (words{"coffee|Coffee|||90000|90000-90000|ETB|draft|2026-01-02 03:04:05+00",
               "netela|Netela|Soft|Shemma House|145000|145000-155000|ETB|active|2026-01-02 03:04:05+00"}));
    EXPECT_EQ(lines(all, "category "), (words{"clothing|Clothing|", "food-shawls|Shawls|food", "food|Food|",
                                              "shawls|Shawls|clothing"}));
    EXPECT_EQ(lines(all, "in "), (words{"coffee food-shawls", "netela shawls"}));
    EXPECT_EQ(lines(all, "image "), (words{"netela 0|https://a.b/1.jpg|", "netela 1|https://a.b/2.jpg|"}));
    EXPECT_EQ(lines(all, "variant "),
              (words{"coffee 0|coffee||90000|||f", "netela 0|NET-W|White / M|145000|||f",
                     "netela 1|NET-G|Green / M|155000|170000||f"}));
    EXPECT_EQ(lines(all, "value "),
              (words{"NET-G Color=Green", "NET-G Size=M", "NET-W Color=White", "NET-W Size=M"}));
    EXPECT_EQ(lines(all, "stock "), (words{"NET-G 0/0", "NET-W 3/0", "coffee 0/0"}));
    EXPECT_EQ(lines(all, "moved ").size(), 1u);
    EXPECT_TRUE(lines(all, "moved ").at(0).ends_with("|3|import"));
  });
}

TEST_F(import_test, the_same_file_again_changes_nothing) {
  with_database([](db::database& db) -> awaitable<> {
    const words files{read_text(NEXUS_SAMPLE_DATA), read_text(NEXUS_IMPORT_DATA "/shopify-options.csv"),
                      read_text(NEXUS_IMPORT_DATA "/shopify-images.csv")};
    int products = 0, variants = 0;
    for (const std::string& file : files) {
      const auto report = co_await run(db, file);
      EXPECT_EQ(at(report.faults, 0), "");
      products += report.products_created;
      variants += report.variants_created;
      EXPECT_EQ(report.products_unchanged + report.products_updated, 0);
    }
    const std::string before = co_await read(db);
    for (const bool strict : {false, true}) {
      for (const std::string& file : files) {
        const auto report = co_await run(db, file, next_day, strict);
        EXPECT_EQ(at(report.faults, 0), "");
        EXPECT_EQ(report.products_created + report.products_updated, 0);
        EXPECT_EQ(report.variants_created + report.variants_updated, 0);
        EXPECT_EQ(report.stock_changed + report.brands_created + report.categories_created, 0);
        products -= report.products_unchanged;
        variants -= report.variants_unchanged;
      }
      EXPECT_EQ(products, 0);
      EXPECT_EQ(variants, 0);
      products = static_cast<int>(lines(before, "product ").size());
      variants = static_cast<int>(lines(before, "variant ").size());
      EXPECT_EQ(co_await read(db), before);
    }
  });
}

TEST_F(import_test, a_changed_file_changes_what_it_says) {
  with_database([](db::database& db) -> awaitable<> {
    co_await run(db, with("p,P,Words,House,A > B,,P-1,10,12,3,Color,Red,,,https://a.b/1.jpg\n"
                          "p,,,,,,P-2,10,,4,,Blue,,,\n"
                          "p,,,,,,P-3,99,,5,,Green,,,\n"
                          "q,Q,,,,,Q-1,5,,1,,,,,\n"));
    const auto report = co_await run(db,
                                     with("p,P2,,,A > C,,P-2,11,,4,color,RED,,,https://a.b/2.jpg\n"
                                          "p,,,,,,P-1,12,,,Color,Blue,,,https://a.b/1.jpg\n"
                                          "p,,,,,,P-4,13,,7,Color,Black,,,\n"
                                          "q,Q,,,,,Q-1,5,,1,,,,,\n"),
                                     next_day);
    EXPECT_EQ(at(report.faults, 0), "");
    EXPECT_EQ(report.products_updated, 1);
    EXPECT_EQ(report.products_unchanged, 1);
    EXPECT_EQ(report.variants_created, 1);
    EXPECT_EQ(report.variants_updated, 2);
    EXPECT_EQ(report.variants_unchanged, 1);
    EXPECT_EQ(report.categories_created, 1);
    const std::string all = co_await read(db);
    EXPECT_EQ(lines(all, "product "),
              (words{"p|P2|Words|House|1100|1100-9900|ETB|active|2026-01-03 03:04:05+00",
                     "q|Q|||500|500-500|ETB|active|2026-01-02 03:04:05+00"}));
    EXPECT_EQ(lines(all, "in "), (words{"p b", "p c"})); // it never removes
    EXPECT_EQ(lines(all, "image "), (words{"p 0|https://a.b/2.jpg|", "p 1|https://a.b/1.jpg|"}));
    EXPECT_EQ(lines(all, "variant p "), (words{"0|P-2|Red|1100|||f", "1|P-1|Blue|1200|||f",
                                               "2|P-3|Green|9900|||f", "2|P-4|Black|1300|||f"}));
    EXPECT_EQ(lines(all, "value "),
              (words{"P-1 Color=Blue", "P-2 Color=Red", "P-3 Color=Green", "P-4 Color=Black"}));
    EXPECT_EQ(lines(all, "stock "), (words{"P-1 3/0", "P-2 4/0", "P-3 5/0", "P-4 7/0", "Q-1 1/0"}));
  });
}

TEST_F(import_test, stock_moves_by_the_difference_and_never_below_what_orders_hold) {
  with_database([](db::database& db) -> awaitable<> {
    co_await run(db, with("p,P,,,,,P-1,10,,9,,,,,\nq,Q,,,,,Q-1,10,,9,,,,,\nr,R,,,,,R-1,10,,9,,,,,\n"));
    co_await db.run_script(
        "UPDATE stock SET reserved = 4 FROM variant v WHERE v.id = variant_id AND sku = 'Q-1'");
    const auto report = co_await run(
        db, with("p,P,,,,,P-1,10,,12,,,,,\nq,Q,,,,,Q-1,10,,1,,,,,\nr,R,,,,,R-1,10,,,,,,,\n"), next_day);
    EXPECT_EQ(report.stock_changed, 2);
    EXPECT_EQ(report.products_unchanged, 3);
    EXPECT_EQ(report.warnings_in_all, 1);
    EXPECT_EQ(at(report.warnings, 0), "3 stock: Live orders hold 4 pieces of Q-1: the stock is set to that.");
    const std::string all = co_await read(db);
    EXPECT_EQ(lines(all, "stock "), (words{"P-1 12/0", "Q-1 4/4", "R-1 9/0"}));
    EXPECT_EQ(lines(all, "moved P-1 ").size(), 2u);
    EXPECT_TRUE(lines(all, "moved Q-1 ").at(1).ends_with("|-5|import"));
    EXPECT_EQ(lines(all, "moved R-1 ").size(), 1u);
  });
}

constexpr std::string_view with_faults = "p,P,,,,,P-1,10,,1,Color,Red,,,\n"
                                         "p,,,,,,P-2,ten,,1,,Blue,,,\n"
                                         "q,,,,,,Q-1,5,,1,,,,,\n"
                                         "r,R,,,,,P-1,5,,1,,,,,\n" // a SKU of p
                                         "s,S,,,,,S-1,5,,1,,,,,\n";

TEST_F(import_test, bad_rows_are_left_out_and_the_good_go_in) {
  with_database([](db::database& db) -> awaitable<> {
    const auto report = co_await run(db, with(with_faults));
    EXPECT_TRUE(report.imported);
    EXPECT_EQ(report.faults_in_all, 3);
    EXPECT_TRUE(at(report.faults, 0).starts_with("3 price: "));
    EXPECT_TRUE(at(report.faults, 1).starts_with("4 name: "));
    EXPECT_EQ(at(report.faults, 2), "5 sku: The product \"p\" has the SKU P-1.");
    EXPECT_EQ(report.products_created, 2);
    const std::string all = co_await read(db);
    EXPECT_EQ(lines(all, "variant "), (words{"p 0|P-1|Red|1000|||f", "s 0|S-1||500|||f"}));
    EXPECT_EQ(lines(all, "product ").size(), 2u);
  });
}

TEST_F(import_test, strict_takes_all_or_nothing) {
  with_database([](db::database& db) -> awaitable<> {
    const auto empty = co_await read(db);
    auto report = co_await run(db, with(with_faults), first_day, true);
    EXPECT_FALSE(report.imported);
    EXPECT_EQ(report.products_created + report.variants_created, 0);
    EXPECT_EQ(report.faults_in_all, 2); // the SKU is looked at where the file is good by itself
    EXPECT_EQ(co_await read(db), empty);

    report = co_await run(db, with("p,P,,,,,P-1,10,,1,,,,,\nr,R,,House,A,,P-1,5,,1,,,,,\n"), first_day, true);
    EXPECT_FALSE(report.imported);
    EXPECT_EQ(at(report.faults, 0), "3 sku: The product \"p\" has the SKU P-1.");
    EXPECT_EQ(co_await read(db), empty);

    report = co_await run(db, with("p,P,,,,,P-1,10,,1,,,,,\n"), first_day, true);
    EXPECT_TRUE(report.imported);
    EXPECT_EQ(report.products_created, 1);
    EXPECT_EQ(lines(co_await read(db), "product ").size(), 1u);
  });
}

TEST_F(import_test, what_the_catalogue_has_already_is_met_with_words) {
  with_database([](db::database& db) -> awaitable<> {
    co_await run(
        db, with("p,P,,,,,P-1,10,,1,Color,Red,,,\np,,,,,,P-2,10,,1,,Blue,,,\np,,,,,,P-3,10,,1,,Green,,,\n"
                 "a,A,,,,,A-1,10,,1,,,,,\n"));
    co_await db.run_script("UPDATE variant SET archived_at = created_at WHERE sku = 'P-3';"
                           "UPDATE product SET status = 'archived' WHERE slug = 'a'");
    auto report = co_await run(db,
                               with("p,P,,,,,N-1,10,,1,Color,RED,,,\n" // P-1's options
                                    "p,,,,,,P-2,11,,1,,Blue,,,\n"
                                    "p,,,,,,P-3,12,,9,,Green,,,\n" // retired
                                    "a,A,,,,active,A-1,11,,1,,,,,\n"
                                    "n,N,,,,,P-2,10,,1,,,,,\n"), // p's
                               next_day);
    EXPECT_EQ(report.faults_in_all, 2);
    EXPECT_EQ(at(report.faults, 0), "6 sku: The product \"p\" has the SKU P-2.");
    EXPECT_EQ(at(report.faults, 1), "2 option1_value: The product's variant P-1 has the same options.");
    EXPECT_EQ(at(report.warnings, 0), "4 sku: The variant P-3 was retired, and stays so.");
    const std::string all = co_await read(db);
    EXPECT_EQ(lines(all, "variant p "),
              (words{"0|P-1|Red|1100|||f", "0|P-2|Blue|1100|||f", "2|P-3|Green|1100|||t"}));
    EXPECT_TRUE(lines(all, "product a").at(0).find("|archived|") != std::string::npos);
    EXPECT_EQ(lines(all, "product n").size(), 0u);

    report = co_await run(db, "slug,name,price,currency\np,P,10,USD\n", next_day);
    EXPECT_TRUE(at(report.faults, 0).starts_with("2 currency: The product's prices are in ETB"));
  });
}

// More than a batch, with what the batches share.
TEST_F(import_test, a_large_file_goes_in_by_batches) {
  with_database([](db::database& db) -> awaitable<> {
    std::string text(header);
    for (int i = 0; i < 450; ++i)
      for (const char* color : {"Red", "Blue", "Green"})
        text += fmt::format("p{},P {},,Brand {},A > B{},,,10.{:02},,{},Color,{},,,\n", i, i, i % 7, i % 11,
                            i % 100, i % 5, color);
    std::istringstream file(text);
    std::vector<std::uint64_t> done;
    const auto report = co_await import_products(db.use(), file,
                                                 {.progress =
                                                      [&](std::uint64_t bytes, std::uint64_t total) {
                                                        EXPECT_EQ(total, text.size());
                                                        done.push_back(bytes);
                                                      }},
                                                 first_day);
    EXPECT_EQ(at(report.faults, 0), "");
    EXPECT_EQ(report.products_created, 450);
    EXPECT_EQ(report.variants_created, 1'350);
    EXPECT_EQ(report.brands_created, 7);
    EXPECT_EQ(report.categories_created, 12);
    EXPECT_GE(done.size(), 3u);
    EXPECT_TRUE(std::is_sorted(done.begin(), done.end()));
    EXPECT_EQ(done.back(), text.size());
  });
}

// Two at once make the same brands, categories, attributes and products: one of each comes of it.
TEST_F(import_test, two_at_once_meet) {
  with_database([this](db::database& db) -> awaitable<> {
    std::string text = read_text(NEXUS_SAMPLE_DATA);
    int running = 2, created = 0;
    const one_shot<bool> finished(loop.get_executor());
    for (const bool strict : {false, true})
      spawn(loop.get_executor(),
            [](db::database& on, std::string file, bool whole, int& left, int& made,
               one_shot<bool> end) -> awaitable<> {
              const auto report = co_await run(on, std::move(file), first_day, whole);
              EXPECT_EQ(at(report.faults, 0), "");
              made += report.products_created;
              if (--left == 0)
                end.set(true);
            }(db, text, strict, running, created, finished));
    co_await finished.wait();
    const std::string all = co_await read(db);
    EXPECT_EQ(static_cast<std::size_t>(created), lines(all, "product ").size());
    const auto stock = lines(all, "stock ");
    const auto in_stock =
        std::count_if(stock.begin(), stock.end(), [](const std::string& s) { return !s.ends_with(" 0/0"); });
    EXPECT_EQ(lines(all, "moved ").size(), static_cast<std::size_t>(in_stock)); // once each
    const auto categories = lines(all, "category ");
    std::set<std::string> names;
    for (const std::string& c : categories)
      names.insert(c.substr(c.find('|')));
    EXPECT_EQ(names.size(), categories.size());
  });
}

} // namespace
} // namespace nexus::catalogue
