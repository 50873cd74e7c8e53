#include "platform/json/format.hpp"

#include "core/text.hpp"

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

namespace nexus::json {

namespace {

constexpr std::string_view digits = "0123456789";
constexpr std::string_view label_characters =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-";
constexpr std::string_view atom_characters = // RFC 5322 §3.2.3
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789!#$%&'*+-/=?^_`{|}~";

// ISO 3166-1, the 249 officially assigned.
constexpr std::string_view countries =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV "
    "BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES "
    "ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE "
    "IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY "
    "MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU "
    "NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM "
    "SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE "
    "VG VI VN VU WF WS YE YT ZA ZM ZW ";
static_assert(countries.size() == 249 * 3);

bool all_of(std::string_view text, std::string_view characters) {
  return text.find_first_not_of(characters) == std::string_view::npos;
}

// Calls each with the parts between dots; false as soon as it is.
template <class F>
bool every_part(std::string_view text, F each) {
  for (;;) {
    const auto dot = text.find('.');
    if (!each(text.substr(0, dot)))
      return false;
    if (dot == std::string_view::npos)
      return true;
    text.remove_prefix(dot + 1);
  }
}

} // namespace

bool is_email(std::string_view text) {
  const auto at = text.find('@');
  if (at == std::string_view::npos || text.size() > 254)
    return false;
  const auto local = text.substr(0, at);
  const auto domain = text.substr(at + 1);
  if (local.size() > 64 || domain.size() > 253)
    return false;
  if (!every_part(local,
                  [](std::string_view atom) { return !atom.empty() && all_of(atom, atom_characters); }))
    return false;
  const auto is_label = [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && all_of(label, label_characters) && label.front() != '-' &&
           label.back() != '-';
  };
  const auto last_dot = domain.rfind('.');
  return last_dot != std::string_view::npos && every_part(domain, is_label) &&
         !all_of(domain.substr(last_dot + 1), digits);
}

bool is_url(std::string_view text) {
  if (text.size() > 2048)
    return false;
  const auto url = boost::urls::parse_uri(text);
  if (!url ||
      (url->scheme_id() != boost::urls::scheme::http && url->scheme_id() != boost::urls::scheme::https))
    return false;
  // Boost.URL 1.81 reads "http://host:80x/" as port 80 and path "x/".
  const std::string_view path = url->encoded_path();
  const bool has_good_port = !url->has_port() || url->port_number() != 0;
  return has_good_port && (path.empty() || path.front() == '/') && !url->encoded_host().empty() &&
         !url->has_userinfo();
}

bool is_country(std::string_view text) {
  if (text.size() != 2)
    return false;
  for (std::size_t i = 0; i < countries.size(); i += 3)
    if (countries.substr(i, 2) == text)
      return true;
  return false;
}

bool is_slug(std::string_view text) { return !text.empty() && slugify(text) == text; }

bool is_sku(std::string_view text) {
  if (text.empty() || text != trim(text))
    return false;
  for (; !text.empty(); text.remove_prefix(character_length(text))) {
    const auto byte = static_cast<unsigned char>(text.front());
    const bool c1_control = byte == 0xc2 && text.size() > 1 && static_cast<unsigned char>(text[1]) < 0xa0;
    if (byte < 0x20 || byte == 0x7f || c1_control || character_length(text) == 0)
      return false;
  }
  return true;
}

} // namespace nexus::json
