"""Completion in bash, which breaks words where click does not: at the colon of `gpu-u001-s01:rail0`, at `--only=sonic`."""

from __future__ import annotations

from click.shell_completion import BashComplete


class JoinedWords(BashComplete):
    """Click's completion, asked with the words as they stand in the line. Bash replaces only what follows the last break,
    so that what stands before it is taken off each answer.
    """

    source_template = """\
%(complete_func)s() {
    local IFS=$'\\n'
    local -a words=()
    local response type value word before rest=$COMP_LINE
    local last=${COMP_WORDS[COMP_CWORD]}

    # Words with no space between them are one.
    for word in "${COMP_WORDS[@]:0:COMP_CWORD+1}"; do
        before=${rest%%%%"$word"*}
        rest=${rest#"$before$word"}
        if [[ -n $word && -z $before ]] && (( ${#words[@]} )); then
            words[-1]+=$word
        else
            words+=("$word")
        fi
    done

    local begun=${words[-1]}
    [[ -n ${last//[$COMP_WORDBREAKS]/} ]] && begun=${begun%%"$last"}

    response=$(env COMP_WORDS="${words[*]}" COMP_CWORD=$(( ${#words[@]} - 1 )) \
%(complete_var)s=bash_complete $1)

    for word in $response; do
        IFS=',' read -r type value <<< "$word"

        if [[ $type == 'dir' ]]; then
            COMPREPLY=()
            compopt -o dirnames
        elif [[ $type == 'file' ]]; then
            COMPREPLY=()
            compopt -o default
        elif [[ $type == 'plain' ]]; then
            COMPREPLY+=("${value#"$begun"}")
        fi
    done

    return 0
}

%(complete_func)s_setup() {
    complete -o nosort -F %(complete_func)s %(prog_name)s
}

%(complete_func)s_setup;
"""
