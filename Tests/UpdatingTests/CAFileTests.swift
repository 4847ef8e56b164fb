import Cryptography
import Glibc
import Installation
import Posix
import SystemPackage
import Testing

@testable import Updating

/// A file that decides whom TLS trusts: taken whole and in order, or refused with the reason.
@Suite final class CAFileTests {
  let folder: FilePath

  /// An authority of openssl's, with a key that is thrown away.
  static let seeds = FilePath(#filePath).removingLastComponent().removingLastComponent().appending(
    "fuzz/corpus/certificate")

  init() throws {
    var template = Array("/tmp/slipway-ca-XXXXXX".utf8CString)
    folder = FilePath(String(cString: try #require(mkdtemp(&template))))
  }

  deinit {
    if let parent = try? Directory.open(folder.removingLastComponent()), let name = folder.lastComponent?.string {
      try? parent.removeTree(name)
    }
  }

  private func put(_ bytes: [UInt8], mode: mode_t = 0o644) throws -> String {
    try DurableFile.write(bytes, "ca.pem", in: try Directory.open(folder), mode: mode)
    let path = folder.appending("ca.pem").string
    try #require(chmod(path, mode) == 0)
    return path
  }

  private func seed(_ name: String) throws -> [UInt8] {
    try #require(try Directory.open(Self.seeds).read(name, limit: 1 << 16))
  }

  /// Nobody writes to it, and nobody waits for that.
  @Test func whatIsNoFileIsNotRead() throws {
    let pipe = folder.appending("pipe").string
    try #require(mkfifo(pipe, 0o644) == 0)
    for path in [pipe, folder.string, "/dev/zero"] {
      #expect(refusal(path)?.contains("it is no file") == true, "\(path)")
    }
  }

  private func refusal(_ path: String) -> String? {
    do throws(Failure) {
      _ = try CAFile.checked(path)
      return nil
    } catch {
      #expect(error.code == .malformedConfiguration && error.remedy?.isEmpty == false)
      #expect(error.message.hasPrefix("transport.caFile: \(path): "))
      return error.message
    }
  }

  @Test func certificatesInPEMAreTaken() throws {
    #expect(try CAFile.checked(nil) == nil)
    for text in [try seed("chain.pem"), Array("# our own\n".utf8) + (try seed("chain.pem"))] {
      let path = try put(text)
      #expect(try CAFile.checked(path) == path)
    }
  }

  @Test func whatIsNoneIsRefusedWithItsReason() throws {
    #expect(refusal("\(folder)/missing.pem")?.contains("cannot be read") == true)
    #expect(refusal(folder.string)?.contains("no file") == true)
    #expect(refusal(try put(seed("root.der")))?.contains("in DER") == true)
    for text in ["", "nothing", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
      #expect(refusal(try put(Array(text.utf8)))?.contains("no certificate in PEM") == true, "\(text)")
    }
    let torn = try seed("chain.pem").dropLast(100)
    #expect(refusal(try put(Array(torn)))?.contains("of its 2 certificates only 1 can be read") == true)
  }

  @Test(arguments: [mode_t(0o666), 0o664, 0o646]) func oneThatOthersMayWriteIsRefused(mode: mode_t) throws {
    #expect(refusal(try put(seed("chain.pem"), mode: mode))?.contains("others may write it") == true)
  }
}
