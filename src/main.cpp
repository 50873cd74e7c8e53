// The command line; nothing else.
#include "app/commands.hpp"

int main(int argc, char** argv) { return nexus::app::run(argc, argv); }
