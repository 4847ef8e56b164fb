import Foundation
import Glibc
import Subprocess
import SystemPackage
import Testing

@testable import slipway_release

@Suite struct ServeTests {
  @Test func repositoryIsServedUntilTermination() async throws {
    let shop = try await Shop.prepared()
    let timestamp = try shop.bytes("repo/metadata/timestamp.json")
    let result = try await Subprocess.run(
      .path(Program.path), arguments: Arguments(["serve", "--port", "0"] + shop.repository), input: .none,
      output: .sequence, error: .discarded
    ) { execution in
      var line = ""
      for try await part in execution.standardOutput {
        part.withUnsafeBytes { line += String(decoding: $0, as: UTF8.self) }
        if line.contains("\n") { break }
      }
      let port = try #require(UInt16(line.split(separator: ":").last?.prefix { $0.isNumber } ?? ""))
      let whole = try Wire.ask(port, "GET /metadata/timestamp.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(whole.status == 200)
      #expect(whole.body == timestamp)
      let part = try Wire.ask(
        port, "GET /metadata/timestamp.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\nRange: bytes=10-19\r\n\r\n")
      #expect(part.status == 206)
      #expect(part.body == Array(timestamp[10...19]))
      let head = try Wire.ask(port, "HEAD /metadata/1.root.json HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
      #expect(head.status == 200)
      #expect(head.body.isEmpty)
      for path in ["/../secret", "/%2e%2e/secret", "/metadata/../../secret", "/.lock", "/metadata", "/metadata/"] {
        let outcome = try Wire.ask(port, "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(outcome.status == 404, "\(path)")
      }
      try execution.send(signal: .terminate)
    }
    #expect(result.terminationStatus == .exited(0))
  }

  @Test func aTakenPortIsOneClearError() async throws {
    let shop = try await Shop.prepared()
    let taken = try Wire.listen()
    defer { close(taken.socket) }
    let outcome = try await Program.release(["serve", "--port", "\(taken.port)"] + shop.repository)
    #expect(outcome.code == 31)
    #expect(outcome.error.hasPrefix("ERROR: "))
  }

  @Test(arguments: [
    ("bytes=0-0", ByteRange.part(0..<1)), ("bytes=5-", .part(5..<10)), ("bytes=-3", .part(7..<10)),
    ("bytes=2-99", .part(2..<10)), ("bytes=-99", .part(0..<10)), ("bytes=10-", .unsatisfiable),
    ("bytes=-0", .unsatisfiable), ("bytes=5-2", .whole), ("bytes=0-1,4-5", .whole), ("lines=0-1", .whole),
    ("bytes=a-b", .whole), ("bytes=", .whole), ("bytes=99999999999999999999-", .whole),
    ("bytes=0-99999999999999999999", .whole),
  ])
  func rangesAreReadAsTheStandardSays(_ header: String, _ expected: ByteRange) {
    #expect(ByteRange(header, length: 10) == expected)
  }

  @Test(arguments: [
    ("/a/b.json", "a/b.json"), ("/a%2eb", "a.b"), ("/a?x=../y", "a"), ("/a%25b", "a%b"), ("", nil), ("a", nil),
    ("/", nil),
    ("//a", nil), ("/a//b", nil), ("/.a", nil), ("/a/..", nil), ("/%2e%2e/a", nil), ("/a%00", nil), ("/a%zz", nil),
    ("/a%ff", nil), ("http://x/a", nil),
  ])
  func pathsStayInside(_ target: String, _ expected: String?) {
    #expect(SharedFolder.path(target) == expected)
  }
}
