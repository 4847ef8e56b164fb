import CTSS2
import Cryptography
import TPMState

/// An ECDSA P-256 key that was made in a TPM and cannot leave it, as it is kept outside: the public half, and the private
/// one wrapped so that this TPM alone can use it, until it is cleared.
public struct DeviceKey: Hashable, Sendable {
  public let area: PublicArea
  /// TPM2B_PRIVATE's contents.
  public let wrapped: [UInt8]

  public init(area: PublicArea, wrapped: [UInt8]) {
    self.area = area
    self.wrapped = wrapped
  }

  /// SHA-256 of its SubjectPublicKeyInfo: 32 bytes.
  public func fingerprint() throws(TPMError) -> [UInt8] { try area.publicKey().fingerprint() }
}

extension TPMDevice {
  /// The name of the key that ours are wrapped for: another one once the TPM has been cleared.
  public func storageRootName() throws(TPMError) -> [UInt8] {
    try withStorageRoot { (_, area) throws(TPMError) in try area.name() }
  }

  public func makeDeviceKey() throws(TPMError) -> DeviceKey {
    try withStorageRoot { (root, _) throws(TPMError) in
      let made = try create(.signing, below: root)
      return DeviceKey(area: made.area, wrapped: made.wrapped)
    }
  }

  /// Loads the key and nothing more. Throws `keyRefused` when it is not of this TPM as it is now.
  func tryKey(_ key: DeviceKey) throws(TPMError) {
    try withStorageRoot { (root, _) throws(TPMError) in
      try withLoaded(key.area, wrapped: key.wrapped, below: root) { (_) throws(TPMError) in }
    }
  }

  /// The ECDSA signature over a digest of 32 bytes, in DER (RFC 3279, 2.2.3).
  ///
  /// - Throws: `keyRefused` when the key is not of this TPM as it is now.
  public func sign(digest: [UInt8], with key: DeviceKey) throws(TPMError) -> [UInt8] {
    guard digest.count == 32 else { throw TPMError(.malformed, "a digest of \(digest.count) bytes") }
    return try withStorageRoot { (root, _) throws(TPMError) in
      try withLoaded(key.area, wrapped: key.wrapped, below: root) { (loaded) throws(TPMError) in
        try sign(digest, loaded)
      }
    }
  }

  /// What the credential holds, if it was made for this TPM's endorsement key and for `key`.
  ///
  /// - Throws: `wrongRecipient` when it was not; `keyRefused` when the key is not of this TPM as it is now.
  public func activate(
    _ credential: MadeCredential, for key: DeviceKey, by kind: EndorsementKey.Kind
  ) throws(TPMError) -> [UInt8] {
    let wrapped = try sized(credential.wrapped, TPM2B_ID_OBJECT(), tss.Tss2_MU_TPM2B_ID_OBJECT_Unmarshal)
    let seed = try sized(credential.seed, TPM2B_ENCRYPTED_SECRET(), tss.Tss2_MU_TPM2B_ENCRYPTED_SECRET_Unmarshal)
    return try withStorageRoot { (root, _) throws(TPMError) in
      try withLoaded(key.area, wrapped: key.wrapped, below: root) { (loaded) throws(TPMError) in
        let mine = loaded.handle
        return try withEndorsementKey(kind) { (endorsement, _) throws(TPMError) in
          let its = endorsement.handle
          return try withEndorsementPolicy { (policy) throws(TPMError) in
            try activate(wrapped, seed, key: mine, endorsement: its, policy: policy.handle)
          }
        }
      }
    }
  }

  private func activate(
    _ wrapped: TPM2B_ID_OBJECT, _ seed: TPM2B_ENCRYPTED_SECRET, key: ESYS_TR, endorsement: ESYS_TR, policy: ESYS_TR
  ) throws(TPMError) -> [UInt8] {
    var (wrapped, seed) = (wrapped, seed)
    var output: UnsafeMutablePointer<TPM2B_DIGEST>?
    defer { tss.Esys_Free(output) }
    let code = tss.Esys_ActivateCredential(
      context, key, endorsement, shim_ESYS_TR_PASSWORD, policy, shim_ESYS_TR_NONE, &wrapped, &seed, &output)
    if ResponseCode(code).isAboutContents {
      throw TPMError(.wrongRecipient, "ActivateCredential: 0x\(String(code, radix: 16))")
    }
    try check(code, "ActivateCredential")
    guard let output else { throw TPMError(.malformed, "ActivateCredential: no answer") }
    return Self.bytes(output.pointee.size, output.pointee.buffer)
  }

  private func sign(_ digest: [UInt8], _ key: borrowing Loaded) throws(TPMError) -> [UInt8] {
    var digest = try sized(digest, TPM2B_DIGEST(), tss.Tss2_MU_TPM2B_DIGEST_Unmarshal)
    var scheme = TPMT_SIG_SCHEME()
    scheme.scheme = Algorithm.null
    var ticket = TPMT_TK_HASHCHECK()
    // TPM_ST_HASHCHECK of nothing: the digest was not made by the TPM, and the key may sign any.
    ticket.tag = 0x8024
    ticket.hierarchy = 0x4000_0007
    let handle = key.handle
    return try taking("Sign") { output in
      tss.Esys_Sign(
        context, handle, shim_ESYS_TR_PASSWORD, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, &digest, &scheme, &ticket,
        &output)
    } _: { (pointer: UnsafeMutablePointer<TPMT_SIGNATURE>) throws(TPMError) in
      guard pointer.pointee.sigAlg == Algorithm.ecdsa else { throw TPMError(.malformed, "Sign: no ECDSA") }
      let signature = pointer.pointee.signature.ecdsa
      let parts = [signature.signatureR, signature.signatureS]
      return DER.sequence(parts.map { DER.integer(Self.bytes($0.size, $0.buffer)) })
    }
  }

  private func sized<Structure>(
    _ bytes: [UInt8], _ structure: Structure,
    _ unmarshal: (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<Int>?, UnsafeMutablePointer<Structure>?) -> TSS2_RC
  ) throws(TPMError) -> Structure {
    guard bytes.count <= 4096 else { throw TPMError(.malformed, "\(bytes.count) bytes") }
    var writer = WireWriter()
    writer.writeSized(bytes)
    return try Self.structure(writer.bytes, structure, unmarshal)
  }

  private func withStorageRoot<Result>(
    _ body: (borrowing Loaded, PublicArea) throws(TPMError) -> Result
  ) throws(TPMError) -> Result {
    try withPrimary(.storageRoot, of: shim_ESYS_TR_RH_OWNER, body)
  }
}
