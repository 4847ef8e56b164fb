import Console
import Glibc
import Installation
import Logging
import Posix
import Product
import SystemPackage
import Updating

/// The verbose log: to standard error (with journald's priorities under systemd) and to the writer's own folder.
struct Log: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .debug
  private let file: FileDescriptor?
  private let underJournal: Bool
  /// The least level that is said on standard error.
  private let said: Logger.Level

  /// - Parameter writer: `apply` or `fetch`, whose folder the verbose log goes to; nil for interactive commands.
  static func logger(_ layout: Layout, writer: String?) -> Logger {
    let journal = getenv("JOURNAL_STREAM") != nil
    let file = writer.flatMap { writer in
      (try? Directory.open(layout.logs.appending(writer))).flatMap { try? LogFile.open("\(writer).log", in: $0) }
    }
    return Logger(label: "slipway") { _ in
      Log(file: file, underJournal: journal, said: writer == nil ? .warning : .info)
    }
  }

  private init(file: FileDescriptor?, underJournal: Bool, said: Logger.Level) {
    self.file = file
    self.underJournal = underJournal
    self.said = said
  }

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let now = Timestamp(seconds: HostClock.wallSeconds())
    let line = "\(event.message)".sanitized(limit: Output.sentence) + "\n"
    if let file { try? file.writeFully(Array("\(now) \(event.level) [\(getpid())] \(line)".utf8), path: "log") }
    guard event.level >= said else { return }
    let prefix = underJournal ? "<\(Self.priority(event.level))>" : ""
    try? FileDescriptor.standardError.writeFully(Array((prefix + line).utf8), path: "standard error")
  }

  /// syslog(3) priorities.
  private static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }
}
