/* The name under which drivers include it. */
#include "lookaside.h"
