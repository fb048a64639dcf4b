// Implements the interface checksums of wit/news.wit.
#include "checksum.h"

uint32_t exports_example_news_checksums_fnv1a(checksum_string_t *text) {
  uint32_t hash = 2166136261u;
  for (size_t at = 0; at < text->len; at++) {
    hash = (hash ^ text->ptr[at]) * 16777619u;
  }
  checksum_string_free(text);
  return hash;
}
