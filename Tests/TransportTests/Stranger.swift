import Foundation
import Proxies

/// A proxy that others made, really started. It ends when this object does, or the test process.
final class Stranger: Sendable {
  let port: Int
  let folder: Folder
  private let process: Process
  private let input: FileHandle

  /// `arguments` and `configuration` (the file `conf` in the folder) may say `PORT` and `FOLDER`.
  init(_ command: String, _ arguments: [String], configuration: String = "", in folder: Folder? = nil) throws {
    let folder = try folder ?? Folder()
    let port = try LoopbackPort(isMute: false).port
    let fill = { (text: String) in
      text.replacing("PORT", with: "\(port)").replacing("FOLDER", with: folder.path)
    }
    // Some of these servers become another user.
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
    try folder.put("conf", Array(fill(configuration).utf8))
    process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let script = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "stranger.py").path
    process.arguments = ["python3", script, "\(port)", command] + arguments.map(fill)
    let (stdin, stdout) = (Pipe(), Pipe())
    process.standardInput = stdin
    process.standardOutput = stdout
    try folder.put("stderr", [])
    process.standardError = FileHandle(forWritingAtPath: "\(folder.path)/stderr")
    try process.run()
    input = stdin.fileHandleForWriting
    self.port = port
    self.folder = folder
    let line = try stdout.fileHandleForReading.readToEndOfLine()
    guard line == "\(port)" else {
      throw StrangerDidNotStart(command: command, output: folder.text("stderr"))
    }
  }

  deinit { end() }

  /// Kills it, and returns when it is gone.
  func end() {
    try? input.close()
    process.waitUntilExit()
  }

  func route(_ kind: ProxyEndpoint.Kind = .http) -> ProxyRoute {
    .through(ProxyEndpoint(kind, host: "127.0.0.1", port: port))
  }
}

/// A loopback port: free for others, or, as long as this object lives, one that takes connections and says nothing.
final class LoopbackPort {
  let port: Int
  private let socket: Int32

  init(isMute: Bool) throws {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = socket
    let isBound = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard isBound, !isMute || listen(descriptor, 10) == 0 else {
      throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
    }
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  deinit { close(socket) }
}

struct StrangerDidNotStart: Error {
  let command: String
  let output: String
}

extension FileHandle {
  func readToEndOfLine() throws -> String {
    var line = Data()
    while let byte = try read(upToCount: 1), let value = byte.first, value != UInt8(ascii: "\n") { line.append(value) }
    return String(decoding: line, as: UTF8.self)
  }
}

extension Folder {
  func text(_ name: String) -> String { String(decoding: bytes(name) ?? [], as: UTF8.self) }
}

extension Stranger {
  static let allowed = """
    http_access allow all
    """

  /// Squid, in the foreground and with no cache. `ports`: the lines that say where it listens.
  static func squid(
    _ rules: String = Stranger.allowed, listening: String = "http_port 127.0.0.1:PORT", in folder: Folder? = nil
  ) throws -> Stranger {
    let folder = try folder ?? Folder()
    try folder.put("hosts", Array("127.0.0.1 localhost repository.test forbidden.test\n".utf8))
    return try Stranger(
      "squid", ["-N", "-f", "FOLDER/conf"],
      configuration: """
        \(listening)
        \(rules)
        hosts_file FOLDER/hosts
        cache deny all
        cache_mem 0
        pid_filename none
        pinger_enable off
        netdb_filename none
        max_filedescriptors 256
        shutdown_lifetime 0 seconds
        coredump_dir FOLDER
        cache_log FOLDER/cache.log
        logformat short %rm %ru %>Hs %{Proxy-Authorization}>h
        access_log stdio:FOLDER/access.log short

        """, in: folder)
  }

  static func tinyproxy(_ rules: String = "") throws -> Stranger {
    try Stranger(
      "tinyproxy", ["-d", "-c", "FOLDER/conf"],
      configuration: """
        Listen 127.0.0.1
        Port PORT
        Timeout 60
        MaxClients 20
        LogFile "FOLDER/access.log"
        LogLevel Info
        \(rules)

        """)
  }

  static func microsocks(_ options: String...) throws -> Stranger {
    try Stranger("microsocks", ["-i", "127.0.0.1", "-p", "PORT"] + options)
  }
}
