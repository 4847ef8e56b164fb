import Foundation
import Synchronization

@testable import Transport

/// A Python program beside this file that serves on a loopback port. It ends when this object does, and also when the
/// test process dies, since its standard input is then closed.
final class Script: Sendable {
  let port: Int
  private let pid: Int32
  private let input: FileHandle

  init(_ name: String, _ arguments: String...) throws {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", folder.appending(path: name).path] + arguments
    let (stdin, stdout) = (Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    try process.run()
    var line = Data()
    while line.last != UInt8(ascii: "\n"), let byte = try stdout.fileHandleForReading.read(upToCount: 1), !byte.isEmpty
    {
      line += byte
    }
    guard let port = Int(String(decoding: line.dropLast(), as: UTF8.self)) else { throw CocoaError(.fileReadUnknown) }
    self.port = port
    pid = process.processIdentifier
    input = stdin.fileHandleForWriting
  }

  deinit {
    try? input.close()
    kill(pid, SIGKILL)
  }

  static let web = Result { try Script("server.py") }
}

/// The web server as one test sees it: its own names, so that tests do not count each other's requests.
struct Web {
  let port: Int
  private let token = UUID().uuidString

  init() throws { port = try Script.web.get().port }

  var base: String { "http://127.0.0.1:\(port)" }

  func path(_ mode: String, size: Int = 0, _ more: String = "") -> String {
    "\(mode)/file.bin?size=\(size)&t=\(token)\(more.isEmpty ? "" : "&" + more)"
  }

  func url(_ mode: String, size: Int = 0, _ more: String = "") -> String { "\(base)/\(path(mode, size: size, more))" }

  struct Request: Decodable {
    var path: String
    var range: String?
    var ifRange: String?
    var host: String?
    var encoding: String?
    var agent: String?
  }

  /// This test's requests, oldest first.
  func requests() async throws -> [Request] {
    let log = try await Downloader().small("\(base)/log", maximumLength: 16 << 20) ?? []
    return try log.split(separator: UInt8(ascii: "\n"))
      .map { try JSONDecoder().decode(Request.self, from: Data($0)) }
      .filter { $0.path.contains(token) }
  }

  /// The bytes that the server makes for `file.bin`.
  static func content(_ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: $0 * 31 + ($0 >> 8) * 7 + "file.bin".count) }
  }
}

/// A clock that only moves when somebody waits: retries take no time, and their pauses can be looked at.
final class Pauses: Sendable {
  private let taken = Mutex<[Duration]>([])
  var all: [Duration] { taken.withLock { $0 } }
  var total: Duration { all.reduce(.zero, +) }

  func environment(random: Double = 1) -> TransportEnvironment {
    var environment = TransportEnvironment.live
    let real = environment.monotonic
    environment.monotonic = { real() + self.total }
    environment.pause = { pause in
      try Task.checkCancellation()
      self.taken.withLock { $0.append(pause) }
    }
    environment.random = { random }
    environment.wallSeconds = { 784_111_777 }
    return environment
  }
}

extension TransportSettings {
  static var test: TransportSettings {
    var settings = TransportSettings()
    settings.connectTimeout = .seconds(20)
    settings.stallWindow = .seconds(20)
    settings.retry.maximumAttempts = 3
    return settings
  }

  /// For servers that stall on purpose.
  static var impatient: TransportSettings {
    var settings = test
    settings.stallWindow = .milliseconds(300)
    settings.retry.maximumAttempts = 1
    return settings
  }
}

/// A folder of its own for a test.
final class Folder: Sendable {
  let path = NSTemporaryDirectory() + "transport-" + UUID().uuidString

  init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
  deinit { try? FileManager.default.removeItem(atPath: path) }

  func bytes(_ name: String) -> [UInt8]? { FileManager.default.contents(atPath: "\(path)/\(name)").map(Array.init) }
  func put(_ name: String, _ bytes: [UInt8]) throws { try Data(bytes).write(to: URL(filePath: "\(path)/\(name)")) }
  var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }
}

/// Asks again until it holds; false after 20 seconds.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
  let end = ContinuousClock.now + .seconds(20)
  while ContinuousClock.now < end {
    if try await condition() { return true }
    await Task.yield()
  }
  return false
}

func failure(_ code: TransportError.Code) -> TransportError { TransportError(code, "") }
