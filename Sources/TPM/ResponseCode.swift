import CTSS2
import TPMState

/// A response code of tpm2-tss: which layer speaks, and what it says (TSS 2.0 Overview, 3.3; TPM 2.0 Library, Part 2, 6.6).
struct ResponseCode: Equatable {
  let value: UInt32

  init(_ value: UInt32) { self.value = value }

  static let success: UInt32 = 0

  /// The TPM's own code without the number of the parameter, handle or session at fault; nil when the TPM did not speak.
  /// A resource manager answers in the TPM's place.
  private var ofTPM: UInt32? {
    guard [0, 11, 12].contains(value >> 16) else { return nil }
    let code = value & 0xFFF
    return code & 0x80 == 0 ? code : 0x80 | code & 0x3F
  }

  private var ofTransport: UInt32? { value >> 16 == 10 || value >> 16 == 7 ? value & 0xFFFF : nil }

  var isLockout: Bool { ofTPM == 0x921 }

  /// - Parameter lockout: what the TPM says of its lockout, if that is why.
  func error(_ operation: String, lockout: TPMError.Code = .unusable) -> TPMError {
    TPMError(code(lockout), "\(operation): 0x\(String(value, radix: 16))")
  }

  private func code(_ lockout: TPMError.Code) -> TPMError.Code {
    switch ofTPM {
    case 0x921: return lockout
    case 0x101: return .failureMode
    case 0x01E: return .notTPM2
    // Out of objects, sessions or memory; yielded, cancelled, testing; rate limit, retry, storage not there.
    case 0x902, 0x903, 0x904, 0x905, 0x906, 0x908, 0x909, 0x90A, 0x920, 0x922, 0x923: return .transient
    // AUTH_FAIL, BAD_AUTH, AUTH_UNAVAILABLE
    case 0x8E, 0xA2, 0x12F: return .ownerPassword
    default: break
    }
    switch ofTransport {
    // TRY_AGAIN
    case 9: return .transient
    // NO_CONNECTION, IO_ERROR
    case 8, 10: return .noDevice
    default: return .unusable
    }
  }

  /// Whether bytes that were given cannot be read or are not bound to each other: INTEGRITY, BINDING, SIZE, VALUE,
  /// INSUFFICIENT, TYPE, ATTRIBUTES, HASH, SENSITIVE.
  var isAboutContents: Bool {
    switch ofTPM {
    case 0x9F, 0xA5, 0x95, 0x84, 0x9A, 0x8A, 0x82, 0x83, 0x155: true
    default: false
    }
  }
}
