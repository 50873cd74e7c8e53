// The module's endpoints, one a use case. Internal to this folder.
#pragma once

#include "catalogue/catalogue.hpp"
#include "catalogue/key.hpp"

namespace nexus::catalogue {

api::endpoint list_products();
api::endpoint read_product_page();
api::endpoint create_product();
api::endpoint update_product();
api::endpoint delete_product();

api::endpoint list_variants();
api::endpoint read_variant_page();
api::endpoint create_variant();
api::endpoint update_variant();
api::endpoint delete_variant();

api::endpoint list_images();
api::endpoint add_image();
api::endpoint delete_image();

api::endpoint list_categories();
api::endpoint read_category();
api::endpoint create_category();
api::endpoint update_category();
api::endpoint delete_category();

api::endpoint list_brands();
api::endpoint read_brand();
api::endpoint create_brand();
api::endpoint update_brand();
api::endpoint delete_brand();

api::endpoint list_attributes();
api::endpoint read_attribute();
api::endpoint create_attribute();
api::endpoint update_attribute();
api::endpoint delete_attribute();
api::endpoint add_attribute_value();

} // namespace nexus::catalogue
