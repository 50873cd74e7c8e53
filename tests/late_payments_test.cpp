#include "harness/shopping.hpp"
