import Posix
import Product

extension SupervisorLoop {
  /// Listens for those who want signatures, or stops doing so, as the manifest has it now. A device does its work without.
  func loadSigner() {
    guard manifest.usesTPM else {
      signer = nil
      return
    }
    guard signer == nil else { return }
    do {
      let account = try account(manifest.id.fetchUser)
      signer = try SignerListener(at: paths.host(paths.signerSocket), group: account?.group)
    } catch { settings.log("the TPM's signer: \(error)") }
  }

  /// Takes new connections and sees to the old ones.
  func serveSigner(_ now: Int64) {
    guard let signer else { return }
    signer.tend(now)
    guard stage == .recovering || stage == .serving else { return signer.end() }
    do { try signer.accept(spawnSigner) } catch { settings.log("the TPM's signer: \(error)") }
  }
}
