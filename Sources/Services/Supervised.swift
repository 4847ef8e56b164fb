import Dispatch
import Glibc
import Product
import SystemPackage

/// The processes of `slipway run`, spoken to over its socket. One connection a call.
public struct Supervised: ServiceController {
  private let socket: FilePath
  private let paths: UnitPaths

  public init(_ paths: UnitPaths) {
    socket = paths.host(paths.supervisorSocket)
    self.paths = paths
  }

  /// Whether somebody listens on the socket.
  public var isReachable: Bool {
    guard let descriptor = try? LocalSocket.connect(to: socket) else { return false }
    close(descriptor)
    return true
  }

  public func reload() async throws { _ = try await ask(SupervisorRequest(verb: .reload)) }

  public func start(_ units: [String], noBlock: Bool) async throws {
    _ = try await ask(SupervisorRequest(verb: .start, units: units, noBlock: noBlock))
  }
  public func stop(_ units: [String], noBlock: Bool) async throws {
    _ = try await ask(SupervisorRequest(verb: .stop, units: units, noBlock: noBlock))
  }
  public func restart(_ units: [String], noBlock: Bool) async throws {
    _ = try await ask(SupervisorRequest(verb: .restart, units: units, noBlock: noBlock))
  }
  public func enable(_ units: [String]) async throws {
    _ = try await ask(SupervisorRequest(verb: .enable, units: units))
  }
  public func disable(_ units: [String]) async throws {
    _ = try await ask(SupervisorRequest(verb: .disable, units: units))
  }
  public func resetFailed(_ units: [String]) async throws {
    _ = try await ask(SupervisorRequest(verb: .resetFailed, units: units))
  }

  public func status(_ unit: String) async throws -> UnitStatus {
    guard let status = try await ask(SupervisorRequest(verb: .status, units: [unit])).status else {
      throw ServicesError(.malformed, "\(socket): an answer without a status")
    }
    return status
  }

  public func run(_ job: TransientJob) async throws -> JobResult {
    guard let result = try await ask(SupervisorRequest(verb: .run, job: job)).result else {
      throw ServicesError(.malformed, "\(socket): an answer without a result")
    }
    return result
  }

  /// How far the supervisor keeps its processes apart.
  public func isolation() async throws -> Isolation {
    try await ask(SupervisorRequest(verb: .describe)).isolation ?? .none
  }

  /// Ends the supervisor and everything that it runs; returns once nobody answers any more. Nothing where nobody did.
  public func end() async throws {
    do { _ = try await ask(SupervisorRequest(verb: .end)) } catch let error as ServicesError
      where error.code == .unsupervised
    { return }
    // Two minutes are more than stopping takes; whoever brings it back at once is told by the lock that is held.
    for _ in 0..<2400 {
      guard let descriptor = try? connect() else { return }
      close(descriptor)
      try await Task.sleep(for: .milliseconds(50))
    }
  }

  /// Sends one request and waits for its answer, on a thread that may block.
  private func ask(_ request: SupervisorRequest) async throws -> SupervisorReply {
    let line = try LocalSocket.encode(request)
    let answer: Result<[UInt8], ServicesError> = await withCheckedContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(returning: Result { () throws(ServicesError) in try exchange(line) })
      }
    }
    let reply = try LocalSocket.decode(SupervisorReply.self, answer.get())
    if let code = reply.error { throw ServicesError(code, reply.message ?? code.rawValue) }
    return reply
  }

  private func connect() throws(ServicesError) -> Int32 {
    do { return try LocalSocket.connect(to: socket) } catch {
      guard error.code == .unreachable else { throw error }
      let root = paths.root == "/" ? "" : " --root \(paths.root)"
      throw ServicesError(
        .unsupervised, "nothing supervises \(paths.id) here (\(error.message))",
        remedy: "start `slipway run --product \(paths.id)\(root)` and leave it running, or use a machine with systemd")
    }
  }

  private func exchange(_ line: [UInt8]) throws(ServicesError) -> [UInt8] {
    let descriptor = try connect()
    defer { close(descriptor) }
    var sent = 0
    while sent < line.count {
      let count = line[sent...].withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if count < 0, errno == EINTR { continue }
      // A refusal may already lie there to be read.
      guard count > 0 else { break }
      sent += count
    }
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 16 * 1024)
    while answer.last != 0x0A, answer.count <= LocalSocket.messageLimit {
      let count = recv(descriptor, &buffer, buffer.count, 0)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw ServicesError(.unreachable, "\(socket): closed without an answer") }
      answer += buffer[..<count]
    }
    return answer
  }
}
