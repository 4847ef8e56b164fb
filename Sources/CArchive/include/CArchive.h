#pragma once
// libarchive (tar) and libzstd, with typed shims for what the Swift importer cannot see.
#define ZSTD_STATIC_LINKING_ONLY
#include <archive.h>
#include <archive_entry.h>
#include <zstd.h>
