/// The words of a command line, before an argument parser sees them.
public enum CommandWords {
  /// What is wrong with a word such as `-1h`, in which the argument parser would see options of one letter, `-h` among
  /// them, and show help in place of doing what it was told; no program of ours has any option of one letter but that.
  public static func dash(in words: some Sequence<String>) -> (message: String, help: String)? {
    for word in words {
      if word == "--" { return nil }
      guard word.utf8.count > 1, word != "-h", word.utf8.first == UInt8(ascii: "-"), !word.hasPrefix("--") else {
        continue
      }
      return (
        "'\(word)' is no option",
        "A value that begins with '-' stands behind '--' (... -- \(word)), that of an option behind '=' (--NAME=\(word))."
      )
    }
    return nil
  }
}
