// Descriptions are plain text. HTML from elsewhere is not kept and cleaned, but read as text: what is no
// markup cannot carry a script.
#pragma once

#include <string>
#include <string_view>

namespace nexus::catalogue_import {

// Tags and comments go, with all that stands within script and style; block elements and <br> become line
// breaks, paragraphs are set apart by one empty line, list items begin with "• "; character references become
// their characters; blanks are run together. The result may contain "<" where the page would have shown one:
// it is text, to be escaped like any other. Well-formed UTF-8 stays so.
std::string html_to_text(std::string_view html);

} // namespace nexus::catalogue_import
