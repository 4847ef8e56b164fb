import Cryptography
import Installation
import Posix
import SystemPackage

/// The file that `transport.caFile` names: certificates that TLS trusts besides the system's, such as that of an
/// inspecting proxy. For the way only: what is installed is trusted by its signatures.
public enum CAFile {
  private static let limit = 1 << 20

  /// The path, once it is known to hold certificates, and nobody but its owner can change them.
  ///
  /// - Throws: exit code 78.
  public static func checked(_ path: String?) throws(Failure) -> String? {
    guard let path else { return nil }
    if let (fault, remedy) = fault(path) {
      throw Failure(
        .malformedConfiguration, name: "configuration", "transport.caFile: \(path): \(fault)", remedy: remedy)
    }
    return path
  }

  private static func fault(_ path: String) -> (fault: String, remedy: String)? {
    let status: FileStatus
    let bytes: [UInt8]
    do throws(PosixError) {
      let file = try FileDescriptor.readingFile(FilePath(path))
      defer { try? file.close() }
      status = try file.status(path)
      bytes = try file.readAll(limit: limit, path: path)
    } catch {
      if Errno(rawValue: error.code) == .invalidArgument {
        return ("it is no file", "name a file with certificates in PEM")
      }
      return (
        "it cannot be read (\(Errno(rawValue: error.code)))",
        "put the CA's certificate there in PEM, readable for every user, not below /home, /root or /tmp"
      )
    }
    guard status.mode & 0o022 == 0 else {
      return ("others may write it, and so choose whom TLS trusts", "chmod go-w \(path)")
    }
    let begins = bytes.ranges(of: "-----BEGIN CERTIFICATE-----".utf8).count
    guard begins > 0 else {
      let convert = "openssl x509 -inform DER -in \(path) -out NEW.pem"
      return bytes.first == 0x30
        ? ("it is in DER, not in PEM", "convert it: \(convert)")
        : ("there is no certificate in PEM in it", "it must begin a line with -----BEGIN CERTIFICATE-----")
    }
    let read = (try? Certificate.all(in: bytes).count) ?? 0
    return read == begins
      ? nil : ("of its \(begins) certificates only \(read) can be read", "get the file again from who runs that CA")
  }
}
