import CTSS2
import TPMState

/// What a TPM's storage has where certificates are kept.
struct StoredCertificates: Equatable {
  /// The contents, not looked at.
  var found: [[UInt8]] = []
  /// The indices that cannot be read without a password, or that refuse.
  var unread: [UInt32] = []
}

extension TPMDevice {
  /// Where the TCG has certificates of endorsement keys kept (TCG EK Credential Profile 2.5, 2.2.1): RSA 2048 and P-256
  /// of the low range, those of the high range, and the certificates of their makers.
  private static let certificates =
    [0x01C0_0002, 0x01C0_000A] + Array(stride(from: 0x01C0_0012, through: 0x01C0_001E, by: 2))
    + Array(0x01C0_0100...0x01C0_01FF as ClosedRange<UInt32>)
  /// No certificate is larger, whatever a TPM says.
  private static let largest = 16_384

  /// Reads what needs no password; none is tried where a wrong one would count towards the TPM's lockout.
  func storedCertificates() throws(TPMError) -> StoredCertificates {
    let found = try handles(from: Self.certificates[0]).filter(Self.certificates.contains)
    let step = try properties().storageReadBytes
    var stored = StoredCertificates()
    for index in found {
      do throws(TPMError) {
        if let bytes = try storage(index, step: UInt16(clamping: step)) {
          if !bytes.isEmpty { stored.found.append(bytes) }
          continue
        }
      } catch {
        // Whatever one index is refused for is no reason to go without the others.
        guard error.code == .ownerPassword || error.code == .unusable else { throw error }
      }
      stored.unread.append(index)
    }
    return stored
  }

  /// Nil where it is not to be read; empty where nothing was written yet.
  private func storage(_ index: UInt32, step: UInt16) throws(TPMError) -> [UInt8]? {
    var handle = shim_ESYS_TR_NONE
    try check(
      tss.Esys_TR_FromTPMPublic(
        context, index, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, &handle), "NV index")
    // This frees the library's note of the index; nothing in the TPM.
    defer { _ = tss.Esys_TR_Close(context, &handle) }
    let (size, attributes) = try taking("NV_ReadPublic") { output in
      tss.Esys_NV_ReadPublic(
        context, handle, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, &output, nil)
    } _: { (pointer: UnsafeMutablePointer<TPM2B_NV_PUBLIC>) throws(TPMError) in
      (Int(pointer.pointee.nvPublic.dataSize), pointer.pointee.nvPublic.attributes)
    }
    // TPMA_NV (Part 2, 13.4): AUTHREAD with NO_DA, OWNERREAD, WRITTEN, and no lock. The owner's password has no lockout.
    let (byIndex, byOwner) = (attributes & 1 << 18 != 0 && attributes & 1 << 25 != 0, attributes & 1 << 17 != 0)
    guard attributes & 1 << 29 != 0 else { return [] }
    guard attributes & 1 << 28 == 0, byIndex || byOwner, 1...Self.largest ~= size else { return nil }
    var bytes: [UInt8] = []
    while bytes.count < size {
      let part = try taking("NV_Read") { output in
        tss.Esys_NV_Read(
          context, byIndex ? handle : shim_ESYS_TR_RH_OWNER, handle, shim_ESYS_TR_PASSWORD, shim_ESYS_TR_NONE,
          shim_ESYS_TR_NONE, min(step, UInt16(size - bytes.count)), UInt16(bytes.count), &output)
      } _: { (pointer: UnsafeMutablePointer<TPM2B_MAX_NV_BUFFER>) throws(TPMError) in
        Self.bytes(pointer.pointee.size, pointer.pointee.buffer)
      }
      guard !part.isEmpty else { throw TPMError(.malformed, "NV_Read: nothing") }
      bytes += part
    }
    return bytes
  }
}
