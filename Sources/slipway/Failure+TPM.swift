import Installation
import Prerequisites
import TPMState

extension Failure {
  /// Exit code 12; where there is no TPM, the words that admins know.
  init(_ error: TPMError) {
    if error.code == .noDevice {
      self.init(
        .tpm, name: "tpmNotFound", String(KnownMessage.tpmNotFound.dropFirst("ERROR: ".count)),
        remedy: KnownMessage.tpmRemedy)
    } else {
      self.init(.tpm, name: "tpmUnusable", "TPM: \(error)", remedy: error.remedy)
    }
  }
}
