import Prerequisites
import TPM
import TPMState

extension Look {
  /// A TPM that has to test itself first takes some seconds; one that hangs is not waited for. (Here and not in
  /// Prerequisites: the Setup file does not look itself and need not carry what opens a TPM.)
  static func tpm(_ tcti: TCTI) -> Look {
    .blocking(.tpm, bound: 20) {
      let facts = TPMFacts.gather(tcti)
      return { $0.tpm = facts }
    }
  }
}
