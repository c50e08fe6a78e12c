#!/bin/sh
echo "I am {{router}}"
