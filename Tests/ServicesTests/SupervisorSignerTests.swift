import Glibc
import Product
import Testing

@testable import Services

/// The TPM's signer where there is no systemd; it is a script here that says how it was called, and answers a line.
@Suite(.enabled(if: geteuid() == 0, "users and namespaces need root"))
struct SupervisorSignerTests {
  private static let script = "read line; echo \"$* $(id -u) $line\" >&0; exec cat >/dev/null"

  private static func with(
    tpm: PrerequisiteRules.TPM = .required, _ body: @escaping @Sendable (Demo) async throws -> Void
  ) async throws {
    try await Demo.with(
      scripts: ["tpm-signer": script],
      settings: { $0.manifest = { try Sample.product("demo", tpm: tpm) } }
    ) { demo in
      if tpm != .ignored { try await Self.waitForSocket(demo) }
      try await body(demo)
    }
  }

  /// The supervisor answers before it has made all of its sockets.
  private static func waitForSocket(_ demo: Demo) async throws {
    var status = stat()
    for _ in 0..<100 where lstat(demo.paths.host(demo.paths.signerSocket).string, &status) != 0 {
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  @Test func eachConnectionIsAProcessOfItsOwn() async throws {
    try await Self.with { demo in
      let path = demo.paths.host(demo.paths.signerSocket)
      var status = stat()
      #expect(lstat(path.string, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o660 && status.st_uid == 0 && status.st_gid == Demo.fetchUser)
      for line in ["one", "two"] {
        let answer = try Self.ask(demo, line)
        #expect(
          answer
            == "tpm-signer --product demo --user slipway-demo --root \(demo.paths.root) 0 \(line)\n")
      }
    }
  }

  @Test func onlySoManyAreServedAtOnce() async throws {
    try await Self.with { demo in
      let path = demo.paths.host(demo.paths.signerSocket)
      var held = try (0..<SignerLimits.connections).map { _ in try LocalSocket.connect(to: path) }
      defer { for descriptor in held { close(descriptor) } }
      // Each has its process, which answers; one more waits in the queue.
      for descriptor in held { #expect(try Self.exchange(descriptor, "in").hasSuffix(" in\n")) }
      let late = try LocalSocket.connect(to: path)
      defer { close(late) }
      var wait = pollfd(fd: late, events: Int16(POLLIN), revents: 0)
      _ = send(late, "late\n", 5, 0)
      #expect(poll(&wait, 1, 1000) == 0)
      close(held.removeLast())
      #expect(try Self.exchange(late, "late").hasSuffix(" late\n"))
    }
  }

  @Test func aProductWithoutATPMHasNoSocket() async throws {
    try await Self.with(tpm: .ignored) { demo in
      #expect(throws: ServicesError(.unreachable, "")) {
        try LocalSocket.connect(to: demo.paths.host(demo.paths.signerSocket))
      }
    }
  }

  @Test func nothingStaysBehind() async throws {
    try await Scratch.with { scratch in
      let demo = try Demo.prepare(scratch, scripts: ["tpm-signer": Self.script])
      let path = demo.paths.host(demo.paths.signerSocket)
      var descriptor: Int32 = -1
      try await demo.supervised({ $0.manifest = { try Sample.product("demo", tpm: .optional) } }) {
        try await Self.waitForSocket(demo)
        descriptor = try LocalSocket.connect(to: path)
        #expect(try Self.exchange(descriptor, "in").hasSuffix(" in\n"))
      }
      // The process has ended, and its end of the connection with it.
      var byte: UInt8 = 0
      #expect(recv(descriptor, &byte, 1, 0) == 0)
      close(descriptor)
      #expect(access(path.string, F_OK) != 0)
    }
  }

  private static func ask(_ demo: Demo, _ line: String) throws -> String {
    let descriptor = try LocalSocket.connect(to: demo.paths.host(demo.paths.signerSocket))
    defer { close(descriptor) }
    return try exchange(descriptor, line)
  }

  private static func exchange(_ descriptor: Int32, _ line: String) throws -> String {
    var bound = timeval(tv_sec: 10, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &bound, socklen_t(MemoryLayout<timeval>.size))
    let question = Array("\(line)\n".utf8)
    _ = send(descriptor, question, question.count, Int32(MSG_NOSIGNAL))
    var answer: [UInt8] = []
    var byte: UInt8 = 0
    while answer.last != 0x0A, recv(descriptor, &byte, 1, 0) == 1 { answer.append(byte) }
    return String(decoding: answer, as: UTF8.self)
  }
}
