#pragma once
// OpenSSL 3 libcrypto, with typed shims for what the Swift importer cannot see.
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/pkcs12err.h>
#include <openssl/proverr.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

static inline void shim_OPENSSL_free(void *pointer) { OPENSSL_free(pointer); }
static inline void shim_OPENSSL_clear_free(void *pointer, size_t count) { OPENSSL_clear_free(pointer, count); }

static inline long shim_BIO_get_mem_data(BIO *bio, const unsigned char **bytes) {
  return BIO_get_mem_data(bio, (char **)bytes);
}

static inline int shim_ERR_GET_LIB(unsigned long code) { return ERR_GET_LIB(code); }
static inline int shim_ERR_GET_REASON(unsigned long code) { return ERR_GET_REASON(code); }

static inline EVP_PKEY *shim_EVP_RSA_gen(unsigned int bits) { return EVP_RSA_gen(bits); }
static inline EVP_PKEY *shim_EVP_EC_gen(const char *group) { return EVP_EC_gen(group); }

static inline int shim_X509_NAME_print(BIO *bio, const X509_NAME *name) {
  return X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
}
static inline void shim_GENERAL_NAMES_free(GENERAL_NAMES *names) { GENERAL_NAMES_free(names); }
static inline int shim_sk_GENERAL_NAME_num(const GENERAL_NAMES *names) { return sk_GENERAL_NAME_num(names); }
/// The directory name at `index`, owned by the list; NULL for names of other kinds.
static inline X509_NAME *shim_GENERAL_NAME_directory(const GENERAL_NAMES *names, int index) {
  GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
  return name->type == GEN_DIRNAME ? name->d.directoryName : NULL;
}
/// The key's options own the label: it is copied for them.
static inline int shim_set_oaep_label(EVP_PKEY_CTX *context, const unsigned char *label, size_t count) {
  void *copy = OPENSSL_memdup(label, count);
  if (!copy) return 0;
  int result = EVP_PKEY_CTX_set0_rsa_oaep_label(context, copy, (int)count);
  if (result != 1) OPENSSL_free(copy);
  return result;
}
