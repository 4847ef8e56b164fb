import Glibc
import Logging

/// Writes one line a message to standard error; with the journal at the other end each line carries the
/// priority prefix of sd-daemon(3), so that `journalctl -p` works.
struct JournalLog: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info
  private let journal = getenv("JOURNAL_STREAM") != nil

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    let prefix = journal ? "<\(Self.priority(of: event.level))>" : "\(event.level): "
    // One record a line: a line break inside a message would start a record without a priority.
    let text = String(event.message.description.map { $0.isNewline ? " " : $0 })
    let line = Array("\(prefix)\(text)\n".utf8)
    _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
  }

  /// The syslog priority (0 to 7) that answers to a level.
  static func priority(of level: Logger.Level) -> Int {
    switch level {
    case .critical: 2
    case .error: 3
    case .warning: 4
    case .notice: 5
    case .info: 6
    case .debug, .trace: 7
    }
  }
}
