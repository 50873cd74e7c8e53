#include "catalogue/endpoints.hpp"

namespace nexus::catalogue {

std::vector<api::endpoint> routes() {
  return api::under("/catalogue", "Catalogue",
                    {
                        list_products(),       read_product_page(), create_product(),    update_product(),
                        delete_product(),      list_variants(),     read_variant_page(), create_variant(),
                        update_variant(),      delete_variant(),    list_images(),       add_image(),
                        delete_image(),        list_categories(),   read_category(),     create_category(),
                        update_category(),     delete_category(),   list_brands(),       read_brand(),
                        create_brand(),        update_brand(),      delete_brand(),      list_attributes(),
                        read_attribute(),      create_attribute(),  update_attribute(),  delete_attribute(),
                        add_attribute_value(),
                    });
}

} // namespace nexus::catalogue
