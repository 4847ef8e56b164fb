#pragma once
// tpm2-tss, opened at run time: a table of its functions. Only its headers are needed to build, and no executable names
// its libraries, so that one runs where they are missing and can say so.
#include <tss2/tss2_esys.h>
#include <tss2/tss2_mu.h>
#include <tss2/tss2_tcti.h>
#include <tss2/tss2_tctildr.h>

/// What is called, by library.
#define SHIM_TSS2_TCTILDR(use) use(Tss2_TctiLdr_Initialize) use(Tss2_TctiLdr_Finalize)
#define SHIM_TSS2_ESYS(use)                                                                                           \
  use(Esys_Initialize) use(Esys_Finalize) use(Esys_Free) use(Esys_GetCapability) use(Esys_SelfTest)                   \
  use(Esys_GetTestResult) use(Esys_CreatePrimary) use(Esys_Create) use(Esys_Load) use(Esys_FlushContext)              \
  use(Esys_StartAuthSession) use(Esys_PolicySecret) use(Esys_ActivateCredential) use(Esys_Sign)                       \
  use(Esys_TR_FromTPMPublic) use(Esys_TR_Close) use(Esys_NV_ReadPublic) use(Esys_NV_Read)
#define SHIM_TSS2_MU(use)                                                                                             \
  use(Tss2_MU_TPM2B_PUBLIC_Marshal) use(Tss2_MU_TPM2B_PUBLIC_Unmarshal) use(Tss2_MU_TPM2B_PRIVATE_Unmarshal)          \
  use(Tss2_MU_TPM2B_ID_OBJECT_Unmarshal) use(Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal)                                \
  use(Tss2_MU_TPM2B_DIGEST_Unmarshal)

#define SHIM_TSS2_MEMBER(name) __typeof__(&name) name;
struct shim_tss2 {
  SHIM_TSS2_TCTILDR(SHIM_TSS2_MEMBER)
  SHIM_TSS2_ESYS(SHIM_TSS2_MEMBER)
  SHIM_TSS2_MU(SHIM_TSS2_MEMBER)
};
#undef SHIM_TSS2_MEMBER

/// Fills the table, for the life of the process. 0, or -1 with dlerror(3)'s text of what is missing in `fault`.
int shim_tss2_open(struct shim_tss2 *table, char *fault, size_t fault_size);

static const ESYS_TR shim_ESYS_TR_NONE = ESYS_TR_NONE;
static const ESYS_TR shim_ESYS_TR_PASSWORD = ESYS_TR_PASSWORD;
static const ESYS_TR shim_ESYS_TR_RH_OWNER = ESYS_TR_RH_OWNER;
static const ESYS_TR shim_ESYS_TR_RH_ENDORSEMENT = ESYS_TR_RH_ENDORSEMENT;
