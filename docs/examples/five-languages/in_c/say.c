// Implements the interface c of wit/chain.wit.
#include "in_c.h"
#include <stdio.h>

void exports_my_chain_c_say(in_c_string_t *text, in_c_string_t *ret) {
  char more[200];
  int length = snprintf(more, sizeof more, "%.*s C", (int)text->len, (char *)text->ptr);
  in_c_string_free(text);
  in_c_string_t extended = {(uint8_t *)more, length < sizeof more ? length : sizeof more - 1};
  my_chain_python_say(&extended, ret);
}
