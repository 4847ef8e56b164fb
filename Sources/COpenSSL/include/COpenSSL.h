#pragma once
// OpenSSL 3 libcrypto, with typed shims for what the Swift importer cannot see.
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
