# One folder, one library: it links, and so may include, only what it names.
#
#   nexus_library(orders
#     SOURCES create_order.cpp order.cpp routes.cpp
#     SQL orders.sql                  -> #include "orders/orders.sql.hpp", nexus::orders::sql::<name>
#     PUBLIC nexus::cart              what its header includes
#     PRIVATE nexus::inventory        what its .cpp files include
#     TESTS tests/order_test.cpp)     unit tests beside what they test: one program, discovered by ctest
#
# Includes are written from src/: "orders/orders.hpp". A folder that is not linked is not on the include path.

get_filename_component(NEXUS_ROOT ${CMAKE_CURRENT_LIST_DIR}/.. ABSOLUTE)

find_package(Python3 REQUIRED COMPONENTS Interpreter)
find_package(Boost 1.81 REQUIRED COMPONENTS system url json)
find_package(PkgConfig REQUIRED)
find_package(fmt REQUIRED)
find_package(spdlog REQUIRED)
find_package(Threads REQUIRED)

# What every target is compiled with.
add_library(nexus_options INTERFACE)
target_compile_options(nexus_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual -Werror
  -Wno-gnu-zero-variadic-macro-arguments -Wno-missing-field-initializers -Wno-missing-designated-field-initializers
  -Xclang -fno-pch-timestamp)
target_compile_definitions(nexus_options INTERFACE
  BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE BOOST_BEAST_USE_STD_STRING_VIEW
  SPDLOG_FMT_EXTERNAL SPDLOG_COMPILED_LIB)
target_link_libraries(nexus_options INTERFACE Boost::headers fmt::fmt Threads::Threads)

# The headers nearly every file needs, compiled once.
add_library(nexus_pch OBJECT ${NEXUS_ROOT}/cmake/pch.cpp)
target_link_libraries(nexus_pch PRIVATE nexus_options)
target_precompile_headers(nexus_pch PRIVATE ${NEXUS_ROOT}/cmake/pch.hpp)

set(NEXUS_INCLUDE_ROOT ${CMAKE_BINARY_DIR}/include)

# Each library sees its own folder and those it links through <build>/include/<library>/<path> -> <source folder>.
function(nexus_expose target path)
  set(root ${NEXUS_INCLUDE_ROOT}/${target})
  get_filename_component(parent ${root}/${path} DIRECTORY)
  file(MAKE_DIRECTORY ${parent})
  file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR} ${root}/${path} SYMBOLIC)
  target_include_directories(${target} PUBLIC $<BUILD_INTERFACE:${root}>)
endfunction()

function(nexus_library name)
  cmake_parse_arguments(ARG "" "PATH" "SOURCES;SQL;PUBLIC;PRIVATE;TESTS;TEST_LINKS" ${ARGN})
  set(target nexus_${name})
  if(NOT ARG_PATH)
    file(RELATIVE_PATH ARG_PATH ${NEXUS_ROOT}/src ${CMAKE_CURRENT_SOURCE_DIR})
  endif()
  add_library(${target} STATIC ${ARG_SOURCES})
  add_library(nexus::${name} ALIAS ${target})
  nexus_expose(${target} ${ARG_PATH})
  target_link_libraries(${target} PUBLIC nexus_options ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
  target_precompile_headers(${target} REUSE_FROM nexus_pch)
  foreach(file IN LISTS ARG_SQL)
    nexus_embed_sql(${target} ${name} ${ARG_PATH} ${file})
  endforeach()
  if(NEXUS_TESTS AND ARG_TESTS)
    nexus_test(${name}_test SOURCES ${ARG_TESTS} LINKS nexus::${name} ${ARG_PUBLIC} ${ARG_PRIVATE} ${ARG_TEST_LINKS})
  endif()
endfunction()

# orders.sql -> <build>/include/nexus_orders.sql/orders/orders.sql.hpp with one db::statement a query.
function(nexus_embed_sql target name path file)
  get_filename_component(base ${file} NAME)
  set(root ${NEXUS_INCLUDE_ROOT}/${target}.sql)
  set(out ${root}/${path}/${base}.hpp)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${Python3_EXECUTABLE} ${NEXUS_ROOT}/cmake/embed_sql.py ${name} ${CMAKE_CURRENT_SOURCE_DIR}/${file} ${out}
    DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file} ${NEXUS_ROOT}/cmake/embed_sql.py
    COMMENT "Embedding ${path}/${file}")
  target_sources(${target} PRIVATE ${out})
  target_include_directories(${target} PRIVATE ${root})
endfunction()

# Files as bytes in the binary: <build>/include/<target>.files/<header>, namespace nexus::embedded::<symbol>.
#   nexus_embed_files(nexus_app migrations migrations.hpp FILES a.sql b.sql)
function(nexus_embed_files target symbol header)
  cmake_parse_arguments(ARG "" "" "FILES" ${ARGN})
  set(root ${NEXUS_INCLUDE_ROOT}/${target}.files)
  set(out ${root}/${header})
  string(REGEX REPLACE "\\.hpp$" ".cpp" source ${out})
  add_custom_command(
    OUTPUT ${out} ${source}
    COMMAND ${Python3_EXECUTABLE} ${NEXUS_ROOT}/cmake/embed_files.py ${symbol} ${out} ${source} ${ARG_FILES}
    DEPENDS ${ARG_FILES} ${NEXUS_ROOT}/cmake/embed_files.py
    COMMENT "Embedding ${symbol}")
  target_sources(${target} PRIVATE ${out} ${source})
  target_include_directories(${target} PUBLIC ${root})
endfunction()

# A test program whose every TEST is one ctest.
function(nexus_test name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  if(NOT TARGET GTest::gtest_main)
    find_package(GTest REQUIRED)
  endif()
  include(GoogleTest)
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LINKS} GTest::gtest_main GTest::gmock)
  target_precompile_headers(${name} REUSE_FROM nexus_pch)
  gtest_discover_tests(${name} TEST_PREFIX "${name}." DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 120)
endfunction()
