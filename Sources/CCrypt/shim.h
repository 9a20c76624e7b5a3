// crypt(3) as libxcrypt has it. Nothing is added: the header is named here so that the module map need not know
// where the system keeps it.
#pragma once
#include <crypt.h>
