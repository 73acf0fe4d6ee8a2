/* A PKCS #11 module between a program and SoftHSM, which does what the file $HSM_IN_THE_WAY says: "hang", or the number of an
   error. As AWS CloudHSM does, it writes a nonce of its own over one of zeros. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CK_PTR *
#define CK_DECLARE_FUNCTION(returnType, name) returnType name
#define CK_DECLARE_FUNCTION_POINTER(returnType, name) returnType(*name)
#define CK_CALLBACK_FUNCTION(returnType, name) returnType(*name)
#ifndef NULL_PTR
#define NULL_PTR 0
#endif
#include <pkcs11.h>

static CK_FUNCTION_LIST_PTR real;
static CK_FUNCTION_LIST ours;

/** Waits while it is told to hang. Returns the error that it is told, or 0. */
static CK_RV told(void) {
  for (;;) {
    char text[32] = "";
    const char *path = getenv("HSM_IN_THE_WAY");
    FILE *file = path == NULL ? NULL : fopen(path, "r");
    if (file != NULL) {
      if (fgets(text, sizeof text, file) == NULL) text[0] = 0;
      fclose(file);
    }
    if (strncmp(text, "hang", 4) != 0) return strtoul(text, NULL, 10);
    usleep(20000);
  }
}

#define TOLD CK_RV rv = told(); if (rv != CKR_OK) return rv

static CK_RV slots(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count) { TOLD; return real->C_GetSlotList(present, list, count); }
static CK_RV openSession(CK_SLOT_ID slot, CK_FLAGS flags, CK_VOID_PTR app, CK_NOTIFY notify, CK_SESSION_HANDLE_PTR session) {
  TOLD;
  return real->C_OpenSession(slot, flags, app, notify, session);
}
static CK_RV login(CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG length) {
  TOLD;
  return real->C_Login(session, user, pin, length);
}
static CK_RV find(CK_SESSION_HANDLE session, CK_ATTRIBUTE_PTR attributes, CK_ULONG count) {
  TOLD;
  return real->C_FindObjectsInit(session, attributes, count);
}
static CK_RV encrypt(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
  TOLD;
  if (mechanism->mechanism == CKM_AES_GCM) {
    CK_GCM_PARAMS_PTR gcm = mechanism->pParameter;
    static const CK_BYTE zeros[12];
    if (gcm->ulIvLen == 12 && memcmp(gcm->pIv, zeros, 12) == 0) {
      rv = real->C_GenerateRandom(session, gcm->pIv, 12);
      if (rv != CKR_OK) return rv;
    }
  }
  return real->C_EncryptInit(session, mechanism, key);
}
static CK_RV decrypt(CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key) {
  TOLD;
  return real->C_DecryptInit(session, mechanism, key);
}

CK_RV C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR list) {
  void *module = dlopen(SOFTHSM_MODULE, RTLD_NOW | RTLD_LOCAL);
  if (module == NULL) return CKR_GENERAL_ERROR;
  CK_C_GetFunctionList get = (CK_C_GetFunctionList)dlsym(module, "C_GetFunctionList");
  CK_RV rv = get == NULL ? CKR_GENERAL_ERROR : get(&real);
  if (rv != CKR_OK) return rv;
  ours = *real;
  ours.C_GetSlotList = slots;
  ours.C_OpenSession = openSession;
  ours.C_Login = login;
  ours.C_FindObjectsInit = find;
  ours.C_EncryptInit = encrypt;
  ours.C_DecryptInit = decrypt;
  *list = &ours;
  return CKR_OK;
}
