import Installation
import Prerequisites
import TPM
import TPMState

extension Failure {
  /// Exit code 12, or 78 where the configuration is what is wrong; where there is no TPM, the words that admins know.
  init(_ error: TPMError) {
    switch error.code {
    case .noDevice:
      self.init(
        .tpm, name: "tpmNotFound", String(KnownMessage.tpmNotFound.dropFirst("ERROR: ".count)),
        remedy: KnownMessage.tpmRemedy)
    case .notADevice:
      self.init(.malformedConfiguration, name: "configuration", "tpm.tcti: \(error)", remedy: error.remedy)
    default: self.init(.tpm, name: "tpmUnusable", "TPM: \(error)", remedy: error.remedy)
    }
  }

  /// A key that can neither be used nor be replaced; nil where it works, or is known to be lost.
  init?(_ verdict: DeviceIdentity.Verdict, of file: IdentityFile) {
    switch verdict {
    case .same, .moved, .cleared: return nil
    case .damaged:
      self.init(
        .tpm, name: "keyUnusable", "the device's key cannot be used: the TPM refuses it, so its file is damaged",
        remedy: "move \(file.path) away, make another key ('slipway identity make'), and enrol the device again")
    case .unknown(let error):
      self.init(
        .tpm, name: "keyUnusable", "the device's key cannot be used now: \(error)",
        remedy: error.remedy.isEmpty ? "try again; nothing was changed" : error.remedy)
    }
  }
}
