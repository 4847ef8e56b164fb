/// Why a TPM cannot be used, or what it refused. Two errors are equal when their codes are.
public struct TPMError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Code: Sendable, Equatable {
    /// tpm2-tss, or the part of it that speaks to this kind of device, is not installed.
    case libraryMissing
    /// There is no TPM where one was looked for.
    case noDevice
    /// What config.toml names as the TPM's device is something else, such as a file.
    case notADevice
    /// The operating system does not let this user open it.
    case permission
    /// A TPM 1.2.
    case notTPM2
    /// The TPM found itself broken, and does nothing but say so (TPM 2.0 Library, Part 1, 12.2.4).
    case failureMode
    /// Too many wrong passwords (Part 1, 19.8); one more is allowed after so many seconds.
    case lockout(counter: UInt32, recoverySeconds: UInt32)
    /// Busy, or out of slots: the same call may work a little later.
    case transient
    /// An owner has set a password for the hierarchy that the call needs.
    case ownerPassword
    /// The TPM did not make this wrapped key, or the key was damaged where it was kept.
    case keyRefused
    /// What was given to the TPM, such as a credential, is not for this TPM or this key.
    case wrongRecipient
    /// An answer, a kept key or a certificate that cannot be read.
    case malformed
    /// Anything else; `detail` has the TPM's own code.
    case unusable
  }

  public let code: Code
  /// What was being done, and the code of the TPM or of tpm2-tss, for people.
  public let detail: String

  public init(_ code: Code, _ detail: String) {
    self.code = code
    self.detail = detail
  }

  /// Whether the same call may work later without anybody doing anything.
  public var isTransient: Bool {
    switch code {
    case .transient, .lockout: true
    default: false
    }
  }

  public var description: String { "\(reason) (\(detail))" }

  public static func == (one: TPMError, other: TPMError) -> Bool { one.code == other.code }
}

extension TPMError {
  /// What is wrong, in one sentence without a full stop.
  public var reason: String {
    switch code {
    case .libraryMissing: "the software for TPMs (tpm2-tss) is not installed"
    case .noDevice: "no TPM was found"
    case .notADevice: "what config.toml names as the TPM is no device"
    case .permission: "this user may not open the TPM"
    case .notTPM2: "the TPM is of version 1.2, and 2.0 is needed"
    case .failureMode: "the TPM reports that it is broken (failure mode)"
    case .lockout(let counter, let seconds):
      "the TPM is locked after \(counter) wrong passwords, for up to \(seconds) s more"
    case .transient: "the TPM is busy"
    case .ownerPassword: "an owner's password is set in the TPM"
    case .keyRefused: "the TPM refuses the key that was kept for it"
    case .wrongRecipient: "what was sent is not for this TPM and this key"
    case .malformed: "an answer of the TPM, or what was kept of it, cannot be read"
    case .unusable: "the TPM cannot be used"
    }
  }

  /// What to do about it, in sentences; empty where only the caller can know.
  public var remedy: String {
    switch code {
    case .libraryMissing:
      "Install the packages libtss2-esys-3.0.2-0, libtss2-tctildr0 and libtss2-tcti-device0 (or tpm2-tss), then try again."
    case .noDevice: "Turn the TPM on in the firmware's settings; a virtual machine needs a virtual TPM 2.0."
    case .notADevice:
      "Correct 'tcti' below [tpm] in config.toml, or leave it out: the kernel's TPM is 'device:/dev/tpmrm0'."
    case .permission: "Run it again with sudo. No other user needs to open the TPM, and none should be given the right."
    case .notTPM2: "Switch the TPM to 2.0 in the firmware's settings if it can be; else the device needs another one."
    case .failureMode:
      "Turn the device off, wait a minute, turn it on. If that does not help, update its firmware or have the TPM replaced."
    case .lockout(_, let seconds):
      "Wait \(seconds) s and leave the device on meanwhile, or have its owner run 'tpm2_dictionarylockout --clear-lockout'. "
        + "If it happens again, look for the program that tries wrong passwords."
    case .transient: "Try again in a minute; if that does not help, restart the device."
    case .ownerPassword:
      "Have whoever set the password take it away ('tpm2_changeauth --object-context owner', or 'endorsement')."
    case .keyRefused: "Enrol the device again: its old key is of no more use."
    case .wrongRecipient: "Start the enrolment again on this device."
    case .malformed, .unusable:
      "Look at the TPM's entries in the firmware's settings and restart the device; if that does not help, update its firmware."
    }
  }
}
