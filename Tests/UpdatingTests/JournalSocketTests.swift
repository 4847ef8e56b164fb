import Glibc
import Posix
import SystemPackage
import Testing

@testable import Updating

/// Against a socket of our own in the place of journald's.
@Suite final class JournalSocketTests {
  let folder: FilePath

  init() throws {
    var template = Array("/tmp/slipway-journal-XXXXXX".utf8CString)
    folder = FilePath(String(cString: try #require(mkdtemp(&template))))
  }

  deinit {
    if let parent = try? Directory.open(folder.removingLastComponent()), let name = folder.lastComponent?.string {
      try? parent.removeTree(name)
    }
  }

  @Test func fieldsArriveAsOneDatagram() throws {
    let path = folder.appending("socket")
    let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.string.utf8)) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(bound == 0)
    JournalSocket(path: path).send([("MESSAGE", "one\nPRIORITY=0"), ("MESSAGE_ID", "00ff")])
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
    try #require(count > 0)
    #expect(String(decoding: buffer.prefix(count), as: UTF8.self) == "MESSAGE=one PRIORITY=0\nMESSAGE_ID=00ff\n")
  }

  @Test(arguments: ["missing", String(repeating: "long", count: 40)]) func nobodyThereIsNoFailure(name: String) {
    JournalSocket(path: folder.appending(name)).send([("MESSAGE", "one")])
  }
}
