import TPM

extension Look {
  /// A TPM that has to test itself first takes some seconds; one that hangs is not waited for.
  public static func tpm(_ tcti: TCTI) -> Look {
    .blocking(.tpm, bound: 20) {
      let facts = TPMFacts.gather(tcti)
      return { $0.tpm = facts }
    }
  }
}
