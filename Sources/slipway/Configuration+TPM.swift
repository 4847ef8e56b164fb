import Product
import TPM

extension Configuration {
  /// The kernel's, unless the configuration names another. The environment has no say.
  var tpm: TCTI { tcti.flatMap { TCTI($0) } ?? .standard }
}
