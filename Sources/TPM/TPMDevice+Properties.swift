import CTSS2
import TPMState

extension TPMDevice {
  private enum Capability {
    static let handles: UInt32 = 1
    static let properties: UInt32 = 6
  }

  public func properties() throws(TPMError) -> TPMProperties {
    let fixed = try words(from: 0x100, count: 64)
    let variable = try words(from: 0x200, count: 32)
    var properties = TPMProperties()
    properties.family = Self.letters(fixed[0x100] ?? 0)
    properties.manufacturer = Self.letters(fixed[0x105] ?? 0)
    let (high, low) = (fixed[0x10B] ?? 0, fixed[0x10C] ?? 0)
    properties.firmware = [high >> 16, high & 0xFFFF, low >> 16, low & 0xFFFF].map(String.init).joined(separator: ".")
    properties.storageReadBytes = max(fixed[0x12C] ?? 512, 64)
    // TPMA_PERMANENT (Part 2, 8.6): ownerAuthSet, endorsementAuthSet, inLockout.
    let permanent = variable[0x200] ?? 0
    properties.ownerHasPassword = permanent & 1 != 0
    properties.endorsementHasPassword = permanent & 1 << 1 != 0
    properties.isInLockout = permanent & 1 << 9 != 0
    // TPMA_STARTUP_CLEAR (Part 2, 8.7): shEnable, ehEnable.
    let enabled = variable[0x201] ?? .max
    properties.storageEnabled = enabled & 1 << 1 != 0
    properties.endorsementEnabled = enabled & 1 << 2 != 0
    properties.lockoutCounter = variable[0x20E] ?? 0
    properties.lockoutMaximum = variable[0x20F] ?? 0
    properties.lockoutIntervalSeconds = variable[0x210] ?? 0
    return properties
  }

  /// Keys and sessions that take a slot now: what is there after a piece of work was there before it.
  public func loadedHandles() throws(TPMError) -> [UInt32] {
    // Transient objects; sessions for passwords and for policies, loaded or saved.
    try handles(from: 0x8000_0000) + handles(from: 0x0200_0000) + handles(from: 0x0300_0000)
  }

  /// All handles of the kind that `first` begins, in order.
  func handles(from first: UInt32) throws(TPMError) -> [UInt32] {
    var all: [UInt32] = []
    var next = first
    while true {
      let (some, more) = try capability(Capability.handles, next) { data in
        withUnsafeBytes(of: data.handles.handle) {
          Array($0.bindMemory(to: UInt32.self).prefix(Int(data.handles.count)))
        }
      }
      // A TPM that goes back, or never ends, is none to believe.
      guard some.allSatisfy({ $0 >= next }), all.count + some.count <= 4096 else {
        throw TPMError(.malformed, "GetCapability: handles without an end")
      }
      all += some
      guard more, let last = some.max(), last < .max else { return all }
      next = last + 1
    }
  }

  private func words(from first: UInt32, count: UInt32) throws(TPMError) -> [UInt32: UInt32] {
    try capability(Capability.properties, first, count: count) { data in
      withUnsafeBytes(of: data.tpmProperties.tpmProperty) { buffer in
        let pairs = buffer.bindMemory(to: TPMS_TAGGED_PROPERTY.self).prefix(Int(data.tpmProperties.count))
        return Dictionary(pairs.map { ($0.property, $0.value) }) { $1 }
      }
    }.0
  }

  private func capability<Result>(
    _ capability: UInt32, _ first: UInt32, count: UInt32 = 128, _ read: (TPMU_CAPABILITIES) -> Result
  ) throws(TPMError) -> (Result, more: Bool) {
    var more: TPMI_YES_NO = 0
    let result = try taking("GetCapability") { output in
      tss.Esys_GetCapability(
        context, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, capability, first, count, &more, &output)
    } _: { (pointer: UnsafeMutablePointer<TPMS_CAPABILITY_DATA>) throws(TPMError) in
      guard pointer.pointee.capability == capability else { throw TPMError(.malformed, "GetCapability") }
      return read(pointer.pointee.data)
    }
    return (result, more != 0)
  }

  private static func letters(_ word: UInt32) -> String {
    let bytes = [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: word >> $0) }
    return String(decoding: bytes.filter { 0x21...0x7E ~= $0 }, as: UTF8.self)
  }

  /// Has the TPM test what it has not tested yet. Throws `failureMode` or `transient`.
  func test() throws(TPMError) {
    try check(
      tss.Esys_SelfTest(context, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, shim_ESYS_TR_NONE, 0), "SelfTest")
  }
}
