"""Names of tests and of the files that hold them."""

import re

from findings import best_type


def test_name(candidate, used):
    """`test_<what>_<how it ends>`, numbered where it is taken."""
    what = re.sub(r'\W+', '_', candidate.probe.word.lower()).strip('_')
    base = f'test_{what}_{ending(candidate)}'
    name, count = base, 1
    while name in used:
        count += 1
        name = f'{base}_{count}'
    used.add(name)
    return name


def ending(candidate):
    kinds = {item['kind'] for item in candidate.observations}
    for item in candidate.observations:
        if item['kind'] == 'raises':
            return 'raises_' + re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', best_type(item)[2]).lower()
        if item['kind'] == 'exit':
            return f'exits_{item["code"]}' if isinstance(item['code'], int) and item['code'] >= 0 else 'exits'
    if 'shape' in kinds:
        return 'holds_for_any_run'
    if 'file' in kinds:
        return 'writes'
    if 'out' in kinds:
        return 'prints'
    if candidate.probe.files:
        return 'with_files'
    return 'gives'


def file_name(module):
    return f"test_characterised_{re.sub(r'[^a-z0-9]+', '_', module.lower()).strip('_')}.py"
