#pragma once
// libarchive (tar) and libzstd, with typed shims for what the Swift importer cannot see.
#define ZSTD_STATIC_LINKING_ONLY
#include <archive.h>
#include <archive_entry.h>
#include <zstd.h>
#include <zstd_errors.h>

static const mode_t shim_AE_IFMT = AE_IFMT;
static const mode_t shim_AE_IFREG = AE_IFREG;
static const mode_t shim_AE_IFDIR = AE_IFDIR;
static const mode_t shim_AE_IFLNK = AE_IFLNK;
static const mode_t shim_AE_IFCHR = AE_IFCHR;
static const mode_t shim_AE_IFBLK = AE_IFBLK;
static const mode_t shim_AE_IFIFO = AE_IFIFO;
static const mode_t shim_AE_IFSOCK = AE_IFSOCK;
