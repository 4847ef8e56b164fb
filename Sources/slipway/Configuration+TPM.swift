import Console
import Cryptography
import Installation
import Posix
import Product
import SystemPackage
import TPM

extension Configuration {
  /// The kernel's, unless the configuration names another. The environment has no say.
  var tpm: TCTI { tcti.flatMap { TCTI($0) } ?? .standard }

  /// Which endorsement keys the admin believes; nil: nothing is said of them.
  ///
  /// - Parameter root: what the folder of makers' certificates is below.
  /// - Throws: exit code 78 for a folder or a certificate that cannot be read.
  func endorsementTrust(root: FilePath) throws -> EndorsementTrust? {
    let authorities = try tpmAuthorities.map { try Self.authorities(root.pushing(FilePath($0).removingRoot())) }
    return EndorsementTrust(authorities: authorities, list: endorsementKeys.map { Set($0.compactMap(Hex.decode)) })
  }

  private static func authorities(_ path: FilePath) throws -> CertificateAuthorities {
    do {
      let folder = try Directory.open(path)
      var all: [Certificate] = []
      for name in try folder.names() where !name.hasPrefix(".") {
        guard try folder.status(name)?.kind != .directory else { continue }
        do { all += try Certificate.all(in: try folder.read(name, limit: 1 << 20) ?? []) } catch {
          throw malformed("\(path)/\(name): no certificate in PEM or DER (\(error))")
        }
      }
      guard !all.isEmpty else { throw malformed("\(path): no certificates") }
      return CertificateAuthorities(all)
    } catch let error as PosixError { throw malformed("\(error)") }
  }

  private static func malformed(_ reason: String) -> Failure {
    Failure(
      .malformedConfiguration, name: "configuration", "tpm.authorities: \(reason)",
      remedy: "put makers' certificates, and nothing else, into the folder that config.toml names")
  }
}
