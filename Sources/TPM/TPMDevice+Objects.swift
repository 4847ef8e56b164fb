import CTSS2
import TPMState

/// Something in a slot of the TPM: a key or a session. Only the device makes it, and takes it out again.
struct Loaded: ~Copyable {
  let handle: ESYS_TR
}

extension TPMDevice {
  /// A primary key of a hierarchy without password, made anew from the hierarchy's seed: the same every time.
  func withPrimary<Result>(
    _ template: PublicArea, of hierarchy: ESYS_TR, _ body: (borrowing Loaded, PublicArea) throws(TPMError) -> Result
  ) throws(TPMError) -> Result {
    var input = try publicStructure(template)
    var (sensitive, outside, selection) = (TPM2B_SENSITIVE_CREATE(), TPM2B_DATA(), TPML_PCR_SELECTION())
    var handle = shim_ESYS_TR_NONE
    let area = try taking("CreatePrimary") { output in
      tss.Esys_CreatePrimary(
        context, hierarchy, shim_ESYS_TR_PASSWORD, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, &sensitive, &input, &outside,
        &selection, &handle, &output, nil, nil, nil)
    } _: { (pointer) throws(TPMError) in
      Swift.Result { () throws(TPMError) in try publicArea(pointer) }
    }
    return try flushing(handle) { (loaded) throws(TPMError) in try body(loaded, area.get()) }
  }

  /// A new key below `parent`: its public area, and its private half wrapped for the parent.
  func create(
    _ template: PublicArea, below parent: borrowing Loaded
  ) throws(TPMError) -> (area: PublicArea, wrapped: [UInt8]) {
    var input = try publicStructure(template)
    var (sensitive, outside, selection) = (TPM2B_SENSITIVE_CREATE(), TPM2B_DATA(), TPML_PCR_SELECTION())
    var output: UnsafeMutablePointer<TPM2B_PUBLIC>?
    defer { tss.Esys_Free(output) }
    let handle = parent.handle
    let wrapped = try taking("Create") { wrapped in
      tss.Esys_Create(
        context, handle, shim_ESYS_TR_PASSWORD, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, &sensitive, &input, &outside,
        &selection, &wrapped, &output, nil, nil, nil)
    } _: { (pointer: UnsafeMutablePointer<TPM2B_PRIVATE>) throws(TPMError) in
      Self.bytes(pointer.pointee.size, pointer.pointee.buffer)
    }
    guard let output else { throw TPMError(.malformed, "Create: no public area") }
    return (try publicArea(output), wrapped)
  }

  /// Loads a key that was wrapped for `parent`. Throws `keyRefused` when it was not, or is damaged.
  func withLoaded<Result>(
    _ area: PublicArea, wrapped: [UInt8], below parent: borrowing Loaded,
    _ body: (borrowing Loaded) throws(TPMError) -> Result
  ) throws(TPMError) -> Result {
    var writer = WireWriter()
    writer.writeSized(wrapped)
    var sealed = try Self.structure(writer.bytes, TPM2B_PRIVATE(), tss.Tss2_MU_TPM2B_PRIVATE_Unmarshal)
    var input = try publicStructure(area)
    var handle = shim_ESYS_TR_NONE
    let code = tss.Esys_Load(
      context, parent.handle, shim_ESYS_TR_PASSWORD, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, &sealed, &input, &handle)
    if ResponseCode(code).isAboutContents {
      throw TPMError(.keyRefused, "Load: 0x\(String(code, radix: 16))")
    }
    try check(code, "Load")
    return try flushing(handle, body)
  }

  /// A policy session in which the endorsement hierarchy has allowed the use of its keys.
  func withEndorsementPolicy<Result>(_ body: (borrowing Loaded) throws(TPMError) -> Result) throws(TPMError) -> Result {
    var symmetric = TPMT_SYM_DEF()
    symmetric.algorithm = Algorithm.null
    var handle = shim_ESYS_TR_NONE
    let code = tss.Esys_StartAuthSession(
      context, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, nil,
      // A policy session.
      1, &symmetric, Algorithm.sha256, &handle)
    try check(code, "StartAuthSession")
    return try flushing(handle) { (session) throws(TPMError) in
      let code = tss.Esys_PolicySecret(
        context, shim_ESYS_TR_RH_ENDORSEMENT, session.handle, shim_ESYS_TR_PASSWORD, shim_ESYS_TR_NONE,
        shim_ESYS_TR_NONE, nil, nil, nil, 0, nil, nil)
      try check(code, "PolicySecret")
      return try body(session)
    }
  }

  /// `body`'s own error goes before one of the flushing.
  private func flushing<Result>(
    _ handle: ESYS_TR, _ body: (borrowing Loaded) throws(TPMError) -> Result
  ) throws(TPMError) -> Result {
    let loaded = Loaded(handle: handle)
    let result = Swift.Result { () throws(TPMError) in try body(loaded) }
    let code = tss.Esys_FlushContext(context, handle)
    let value = try result.get()
    try check(code, "FlushContext")
    return value
  }
}
