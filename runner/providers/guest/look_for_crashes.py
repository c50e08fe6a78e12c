"""Tells what crashed since the lab began, where that is quickly said: no program is started for it."""
import os

MARK = b'wirelab: the lab begins'  # what make_itself.py leaves
JOURNALS = '/run/log/journal'
LONGEST = 16 * 1024
LEVELS = 'emerg', 'alert', 'crit', 'err', 'warn', 'notice', 'info', 'debug'


def run():
    """As look-for-crashes.sh prints it; nothing where that has to look: what is long, lost, or told by systemd."""
    try:
        records = kernel_log()
        begin = next((at for at, record in enumerate(records) if MARK in record), None)
        if begin is None or any(map(tells_of_unit, journals())):
            return ''
        text = ''.join(map(render, records[begin:]))
    except (OSError, ValueError):
        return ''
    return f'{text}--- units\n--- end\n' if len(text) <= LONGEST else ''


def kernel_log():
    """The records of the kernel's log, as long as none of them is lost while they are read."""
    log = os.open('/dev/kmsg', os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    records = []
    try:
        while True:
            records.append(os.read(log, 8192))
    except BlockingIOError:
        return records
    finally:
        os.close(log)


def journals():
    for machine in os.listdir(JOURNALS):
        for name in os.listdir(f'{JOURNALS}/{machine}'):
            if name.endswith('.journal'):
                yield f'{JOURNALS}/{machine}/{name}'


def tells_of_unit(journal):
    with open(journal, 'rb', 0) as file:
        return b'Main process exited' in file.read()


def render(record):
    """As `dmesg --decode` does; of what the kernel did not say itself, that it was another."""
    head, _, text = record.partition(b'\n')[0].decode(errors='replace').partition(';')
    priority, _, microseconds, *_ = head.split(',')
    who = 'kern' if int(priority) >> 3 == 0 else 'user'
    seconds, rest = divmod(int(microseconds), 1_000_000)
    begin = f'{who:<6}:{LEVELS[int(priority) & 7]:<6}: [{seconds:5}.{rest:06}] '
    # A line break in what was said is written as a hexadecimal number there (Linux, printk.c).
    return ''.join(f'{begin}{line}\n' for line in text.split('\\x0a'))
