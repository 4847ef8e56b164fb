import CTSS2
import TPMState

/// An opened TPM 2.0. What is loaded into it lives inside a closure and is taken out at its end: a TPM has three slots,
/// and who leaves something in one takes it from everybody.
public struct TPMDevice: ~Copyable {
  let session: Session

  /// - Throws: `libraryMissing`, `noDevice`, `permission`, `notTPM2`.
  public init(_ tcti: TCTI = .standard) throws(TPMError) { session = try Session(tcti) }

  var context: OpaquePointer { session.pointer }
  var tss: shim_tss2 { session.tss }

  /// Throws what a response code means.
  func check(_ code: TSS2_RC, _ operation: String) throws(TPMError) {
    guard code != ResponseCode.success else { return }
    let response = ResponseCode(code)
    guard response.isLockout, let state = try? properties() else { throw response.error(operation) }
    throw response.error(
      operation, lockout: .lockout(counter: state.lockoutCounter, recoverySeconds: state.lockoutIntervalSeconds))
  }

  /// What `call` allocates, copied out and freed.
  func taking<Structure, Result>(
    _ operation: String, _ call: (inout UnsafeMutablePointer<Structure>?) -> TSS2_RC,
    _ read: (UnsafeMutablePointer<Structure>) throws(TPMError) -> Result
  ) throws(TPMError) -> Result {
    var pointer: UnsafeMutablePointer<Structure>?
    defer { tss.Esys_Free(pointer) }
    try check(call(&pointer), operation)
    guard let pointer else { throw TPMError(.malformed, "\(operation): no answer") }
    return try read(pointer)
  }

  /// A structure of tpm2-tss read from the TPM's encoding.
  static func structure<Structure>(
    _ bytes: [UInt8], _ structure: Structure,
    _ unmarshal: (UnsafePointer<UInt8>?, Int, UnsafeMutablePointer<Int>?, UnsafeMutablePointer<Structure>?) -> TSS2_RC
  ) throws(TPMError) -> Structure {
    var structure = structure
    var offset = 0
    let code = unmarshal(bytes, bytes.count, &offset, &structure)
    guard code == ResponseCode.success, offset == bytes.count else {
      throw TPMError(.malformed, "unmarshalling: 0x\(String(code, radix: 16)), \(offset) of \(bytes.count) bytes")
    }
    return structure
  }

  func publicStructure(_ area: PublicArea) throws(TPMError) -> TPM2B_PUBLIC {
    var writer = WireWriter()
    writer.writeSized(area.encoded)
    return try Self.structure(writer.bytes, TPM2B_PUBLIC(), tss.Tss2_MU_TPM2B_PUBLIC_Unmarshal)
  }

  func publicArea(_ structure: UnsafeMutablePointer<TPM2B_PUBLIC>) throws(TPMError) -> PublicArea {
    var bytes = [UInt8](repeating: 0, count: MemoryLayout<TPM2B_PUBLIC>.size)
    var count = 0
    try check(tss.Tss2_MU_TPM2B_PUBLIC_Marshal(structure, &bytes, bytes.count, &count), "public area")
    var reader = WireReader(Array(bytes.prefix(count)))
    return try PublicArea(encoded: try reader.readSized())
  }

  /// The bytes of a sized buffer of tpm2-tss.
  static func bytes<Buffer>(_ size: UInt16, _ buffer: Buffer) -> [UInt8] {
    withUnsafeBytes(of: buffer) { Array($0.prefix(Int(size))) }
  }
}
